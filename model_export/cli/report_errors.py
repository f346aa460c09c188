"""How commands fail: a message for people, and an exit code for schedules."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from rich.console import Console

from model_export.exit_codes import INTERRUPTED, exit_code_of
from udfs.errors import UdfError

P = ParamSpec("P")


def report_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: errors written for people are printed, and set the exit code.

    Ctrl-C is caught here too: outside of the command it would count as a failure.
    `jobs.cli.options.report_errors` has one code for all errors; a schedule needs one a kind.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except UdfError as error:
            Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
            sys.exit(exit_code_of(error))
        except KeyboardInterrupt:
            print("Stopped; the registry is as it was.", file=sys.stderr)
            sys.exit(INTERRUPTED)

    return run
