"""Entry point of the job: `interestream submit`, or `flink run -pym jobs.interest_job`."""

import argparse
import os
import sys
from pathlib import Path

from jobs.config import Config, load_config
from jobs.errors import InterestreamError, StandbyEndsError
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
    parser.add_argument(
        "--resume",
        metavar="STATE",
        help="go on from the newest state below checkpoints.directory, if there is one; STATE was"
        " the newest one when this process of Flink began, and may be empty",
    )
    given = parser.parse_args(arguments)
    try:
        configure_logging()
        config = load_config(given.config, given.set)
        flink = dict(_pair(option) for option in given.flink)
        if given.resume is not None:
            state = newest_state_now(config, given.resume)
            flink |= {"execution.state-recovery.path": state} if state else {}
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
    except StandbyEndsError as stopped:
        print(f"interest job: {stopped}")
        return 0
    except InterestreamError as error:
        print(f"interest job: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def newest_state_now(config: Config, known: str) -> str | None:
    """Return the newest state as it is now, and print it: a standby may have waited for days.

    Raises StandbyEndsError where the job was stopped since `known` was the newest one.
    """
    from jobs.runtime.flink_path import flink_path  # noqa: PLC0415
    from jobs.runtime.newest_state import is_of_stop, newest_state  # noqa: PLC0415

    directory = config.checkpoints.directory
    found = None if directory is None else newest_state(directory.absolute())
    if found is None:
        return None
    state = flink_path(found)
    if state != known and is_of_stop(found):
        raise StandbyEndsError(f"the job was stopped, with {found}: this standby ends as well")
    print(f"going on from {found}")
    return state


def _pair(option: str) -> tuple[str, str]:
    key, separator, value = option.partition("=")
    if not separator or not key:
        raise InterestreamError(f"--flink reads KEY=VALUE, which '{option}' does not")
    return key, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
