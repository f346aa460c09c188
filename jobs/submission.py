"""Builds the job's graph and submits it to Flink."""

import os
from collections.abc import Mapping

from py4j.protocol import Py4JError
from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from pyflink.util.exceptions import JavaException

from jobs.bundles.check import check_bundle
from jobs.bundles.find import JobBundle, find_bundle
from jobs.config import Config, Sources
from jobs.connectors.client_properties import without_secrets
from jobs.connectors.kafka_jar import find_kafka_jar, flink_libraries
from jobs.decoding.decode_settings import read_formats
from jobs.errors import JobFailedError
from jobs.graph.check_topics import check_topics
from jobs.graph.kafka_source import kafka_streams
from jobs.graph.sources import Streams, directory_streams
from jobs.operators.noise import LaplaceNoise
from jobs.operators.pseudonym_step import PseudonymSettings
from jobs.operators.settings import OperatorSettings
from jobs.pipeline import Encoders, build
from jobs.pseudonym_key import pseudonyms_of_job
from jobs.runtime.environment import flink_home
from jobs.runtime.failure_cause import root_cause
from jobs.runtime.failure_hints import explained
from jobs.runtime.flink_options import flink_options
from jobs.runtime.flink_path import flink_path
from jobs.runtime.gateway import start_java
from jobs.spaces.identity import read_identity
from jobs.texts.at_start import prepare_texts
from udfs.encode_udf import EncodeSettings, encode_function


def run(
    config: Config, space_id: int | None, flink: Mapping[str, str], *, bundle_is_here: bool = True
) -> None:
    """Submit the job that fills the space `space_id` (None: the active space).

    `flink` are further Flink options. Returns when the job has been submitted (detached mode) or
    has ended. The bundle is checked if `bundle_is_here` or if its folder exists; otherwise it may
    exist on the workers only.

    Raises JobFailedError with the root cause if the job fails; ConfigError (also for a key of
    pseudonyms that is missing or unfit), BundleMismatchError and
    the errors of `udfs` if the space or the bundle cannot be used; ConnectorError and TopicError if
    topics of Kafka cannot be read.
    """
    pseudonyms = pseudonyms_of_job(config.privacy, os.environ)
    if config.privacy.epsilon is not None:
        # Its error says what is missing, before anything starts.
        LaplaceNoise(config.privacy.epsilon, config.privacy.per_user_day)
    identity = read_identity(config, space_id)
    bundle = find_bundle(config.encoder, identity.bundle_sha256)
    if bundle_is_here or bundle.folder.exists():
        check_bundle(bundle.folder, identity)
    sentiment = prepare_texts(config, identity.space_id)
    start_java()
    try:
        settings = OperatorSettings(config, identity, sentiment)
        replaced = None if pseudonyms is None else PseudonymSettings(pseudonyms, settings.rules)
        _submit(config, settings, replaced, bundle, flink)
    except (Py4JError, JavaException) as error:
        logs = os.environ.get("FLINK_LOG_DIR")
        where = f" (log: {logs})" if logs else ""
        cause = without_secrets(root_cause(str(error)), config.sources.kafka)
        raise JobFailedError(explained(cause) + where) from error


def _submit(
    config: Config,
    settings: OperatorSettings,
    pseudonyms: PseudonymSettings | None,
    bundle: JobBundle,
    flink: Mapping[str, str],
) -> None:
    identity = settings.identity
    options = Configuration()
    for key, value in {**flink_options(config), **flink}.items():
        options.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(options)
    _add_connector(env, config.sources)
    t_env = StreamTableEnvironment.create(env)
    encoder = EncodeSettings(
        bundle_dir=bundle.for_workers,
        mean=identity.mean,
        threads=config.encoder.threads,
        provider=config.encoder.provider,
        cache_size=config.encoder.cache_size,
        store=str(config.encoder.store.absolute()) if config.encoder.store else "",
        bundle_sha256=identity.bundle_sha256,
        registry=config.encoder.registry,
        bundle_cache=str(config.encoder.bundle_cache or ""),
    )
    t_env.create_temporary_function("encode_query", encode_function(encoder, "query"))
    t_env.create_temporary_function("encode_document", encode_function(encoder, "document"))
    streams = _streams(t_env, config.sources, settings, pseudonyms)
    build(t_env, streams, settings, Encoders("encode_query", "encode_document"))
    env.execute(f"interestream space {identity.space_id}")


def _add_connector(env: StreamExecutionEnvironment, sources: Sources) -> None:
    """Have Flink send the connector's jar with the job, wherever that runs.

    A table environment sees only the jars that were there before it.
    """
    if sources.kind == "kafka":
        jar = find_kafka_jar(sources.kafka.connectors, flink_libraries(flink_home()))
        if jar is not None:
            env.add_jars(flink_path(jar))


def _streams(
    t_env: StreamTableEnvironment,
    sources: Sources,
    settings: OperatorSettings,
    pseudonyms: PseudonymSettings | None,
) -> Streams:
    decode = read_formats(settings.config)
    batching = settings.config.batching
    if sources.kind == "files":
        return directory_streams(
            t_env, sources.root, sources.monitor_interval_ms, decode, batching, pseudonyms
        )
    check_topics(sources.kafka)
    group = sources.kafka.group_of(settings.identity.space_id)
    return kafka_streams(t_env, sources.kafka, group, decode, batching, pseudonyms)
