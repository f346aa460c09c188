"""Entry point of the job: `interestream submit`, or `flink run -pym jobs.interest_job`."""

import argparse
import os
import sys
from pathlib import Path

from jobs.config import load_config
from jobs.errors import InterestreamError
from jobs.runtime.environment import check_java, check_python
from jobs.runtime.log_format import configure_logging

LAUNCHED_BY_FLINK = "PYFLINK_GATEWAY_PORT"
"""Environment variable that `flink run` sets, which has already started a JVM."""


def main(arguments: list[str]) -> int:
    """Read the configuration, check the environment, and submit the job.

    Returns the exit code: 0, 2 after an error whose message was printed, 130 after Ctrl+C.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, help="TOML file, see docs/configuration.md")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--flink", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--space", type=int, help="embedding space to fill (default: active)")
    given = parser.parse_args(arguments)
    try:
        configure_logging()
        config = load_config(given.config, given.set)
        flink = dict(_pair(option) for option in given.flink)
        check_python("pyflink", "onnxruntime", "tokenizers")
        if LAUNCHED_BY_FLINK not in os.environ:
            check_java(os.environ)
        # Imported after the checks, which explain a missing package better than an ImportError.
        from jobs.submission import run  # noqa: PLC0415
        from udfs.errors import UdfError  # noqa: PLC0415

        try:
            run(config, given.space, flink, bundle_is_here=LAUNCHED_BY_FLINK not in os.environ)
        except UdfError as error:
            raise InterestreamError(str(error)) from error
    except InterestreamError as error:
        print(f"interest job: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _pair(option: str) -> tuple[str, str]:
    key, separator, value = option.partition("=")
    if not separator or not key:
        raise InterestreamError(f"--flink reads KEY=VALUE, which '{option}' does not")
    return key, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
