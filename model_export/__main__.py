"""`python -m model_export --registry DIR`: a model becomes a published bundle."""

import signal
from types import FrameType

from model_export.cli.app import app
from model_export.exit_codes import TERMINATED


def main() -> None:
    """Run the command line; SIGTERM ends it as an exception does, so that it cleans up."""
    signal.signal(signal.SIGTERM, _terminate)
    app()


def _terminate(number: int, frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    main()
