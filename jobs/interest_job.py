"""The main job. Submit it with ``flink run --python jobs/interest_job.py``."""

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from jobs.bundles import find_bundle
from jobs.config import Config, load_config
from jobs.errors import InterestreamError
from jobs.flink_options import flink_options
from jobs.identity import read_identity
from jobs.operators.settings import OperatorSettings
from jobs.pipeline import Encoders, build
from jobs.streams import directory_streams
from jobs.texts.at_start import prepare_texts
from udfs.encode_udf import EncodeSettings, encode_function
from udfs.errors import UdfError


def main(arguments: list[str]) -> int:
    """Read the configuration, build the graph, submit it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, help="TOML file, see the README's table")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--flink", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--space", type=int, help="embedding space to fill (default: active)")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        flink = dict(option.split("=", 1) for option in given.flink)
        run(load_config(given.config, given.set), given.space, flink)
    except (InterestreamError, UdfError) as error:
        print(f"interest job: {error}", file=sys.stderr)
        return 2
    return 0


def run(config: Config, space_id: int | None, flink: Mapping[str, str]) -> None:
    """Submit the job with further Flink options; returns when it has been submitted (detached) or
    has ended."""
    identity = read_identity(config, space_id)
    bundle = find_bundle(config.encoder, identity.bundle_sha256)
    sentiment = prepare_texts(config, identity.space_id)
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
    build(
        t_env,
        streams,
        OperatorSettings(config, identity, sentiment),
        Encoders("encode_query", "encode_document"),
    )
    env.execute(f"interestream space {identity.space_id}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
