"""How commands fail: a message for people, and an exit code for schedules."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from rich.console import Console

from model_export.errors import ExportError, LockedError, MissingExtraError, ParityError
from model_export.exit_codes import FAILED, GATE, INTERRUPTED, LOCKED, MISSING_EXTRA
from udfs.errors import UdfError

P = ParamSpec("P")


def report_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: errors written for people are printed, and set the exit code.

    Ctrl-C is caught here too: outside of the command it would count as a failure.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (ExportError, UdfError) as error:
            Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
            sys.exit(_exit_code(error))
        except KeyboardInterrupt:
            print("Stopped; the registry is as it was.", file=sys.stderr)
            sys.exit(INTERRUPTED)

    return run


def _exit_code(error: Exception) -> int:
    kinds = {ParityError: GATE, MissingExtraError: MISSING_EXTRA, LockedError: LOCKED}
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), FAILED)
