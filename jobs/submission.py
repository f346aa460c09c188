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
from jobs.config import Config
from jobs.errors import JobFailedError
from jobs.graph.sources import directory_streams
from jobs.operators.settings import OperatorSettings
from jobs.pipeline import Encoders, build
from jobs.runtime.failure_cause import root_cause
from jobs.runtime.failure_hints import explained
from jobs.runtime.flink_options import flink_options
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

    Raises JobFailedError with the root cause if the job fails; ConfigError, BundleMismatchError and
    the errors of `udfs` if the space or the bundle cannot be used.
    """
    identity = read_identity(config, space_id)
    bundle = find_bundle(config.encoder, identity.bundle_sha256)
    if bundle_is_here or bundle.folder.exists():
        check_bundle(bundle.folder, identity)
    sentiment = prepare_texts(config, identity.space_id)
    start_java()
    try:
        _submit(config, OperatorSettings(config, identity, sentiment), bundle, flink)
    except (Py4JError, JavaException) as error:
        logs = os.environ.get("FLINK_LOG_DIR")
        where = f" (log: {logs})" if logs else ""
        raise JobFailedError(explained(root_cause(str(error))) + where) from error


def _submit(
    config: Config, settings: OperatorSettings, bundle: JobBundle, flink: Mapping[str, str]
) -> None:
    identity = settings.identity
    options = Configuration()
    for key, value in {**flink_options(config), **flink}.items():
        options.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(options)
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
    streams = directory_streams(t_env, config.sources.root, config.sources.monitor_interval_ms)
    build(t_env, streams, settings, Encoders("encode_query", "encode_document"))
    env.execute(f"interestream space {identity.space_id}")
