"""Exit codes of the commands, by which a schedule decides whether to try again."""

from model_export.errors import ExportRunningError, MissingExtraError, ParityError
from udfs.errors import UdfError

FAILED = 1
WRONG_OPTION = 2
"""The code that typer ends with for a wrong option or argument."""
GATE = 3
"""The graph fell short of the model: nothing was published."""
MISSING_EXTRA = 4
LOCKED = 5
"""Another export of the same name is running."""
INTERRUPTED = 130
TERMINATED = 143

_BY_ERROR: tuple[tuple[type[UdfError], int], ...] = (
    (ParityError, GATE),
    (MissingExtraError, MISSING_EXTRA),
    (ExportRunningError, LOCKED),
)


def exit_code_of(error: UdfError) -> int:
    """Return the exit code of a command that ends with this error.

    >>> exit_code_of(ParityError("off by 0.1")), exit_code_of(UdfError("no such folder"))
    (3, 1)
    """
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), FAILED)
