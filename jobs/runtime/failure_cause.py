"""Finds in what Flink reports of failures the one that the others follow from."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

UNKNOWN = "Flink gave no reason"
RELATED_MS = 600_000
"""A failure this long before the newest one may be what that one follows from."""

_WRAPPERS = ("pemja.core.PythonException: ", "java.lang.RuntimeException: ")
"""Names of Java that stand before the message of a Python error (`jobs/operators/end_job.py`)."""

_TRACEBACK = "Traceback (most recent call last)"
_PYTHON_ERROR = re.compile(r"[A-Za-z_]\w*(\.\w+)*(Error|Exception|Interrupt)(: |$)")

_CONSEQUENCES = (
    "The TaskExecutor is shutting down",
    "java.nio.channels.ClosedChannelException",
    "Connection unexpectedly closed by remote task manager",
    "Lost connection to task manager",
    "is no longer reachable",
    "the recipient is unreachable",
    "Heartbeat of TaskManager",
    "NoResourceAvailableException",
    "Could not acquire the minimum required resources",
    "Recovery is suppressed by",
    "Checkpoint Coordinator is suspending",
)
"""Parts of messages about tasks and TaskManagers that end since another one has failed."""


def first_cause(entries: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the cause that the newest failure follows from; None without a failure.

    `entries` are those of Flink's exception history, the newest first. A task that fails while
    another one is being cancelled can end its TaskManager, and the job then waits for slots: the
    failures after the first one only say that something has ended. It may have ended for a reason
    of its own, so the newest failure is told, too.

    >>> ended = {"timestamp": 2_000, "stacktrace": "a.B: The TaskExecutor is shutting down."}
    >>> first_cause([ended, {"timestamp": 1_000, "stacktrace": "c.D: no bundle at /bundles/x"}])
    'c.D: no bundle at /bundles/x; then a.B: The TaskExecutor is shutting down.'
    """
    if not entries:
        return None
    newest_ms = entries[0].get("timestamp", 0)
    newest = root_cause(entries[0]["stacktrace"])
    for entry in entries:
        if newest_ms - entry.get("timestamp", 0) > RELATED_MS:
            break
        for failure in (entry, *(entry.get("concurrentExceptions") or ())):
            cause = root_cause(failure["stacktrace"])
            if not any(part in cause for part in _CONSEQUENCES):
                return cause if entry is entries[0] else f"{cause}; then {newest}"
    return newest


def root_cause(stacktrace: str) -> str:
    """Return the message of the innermost cause of a Java stack trace.

    A Python error is returned without the name of its Java wrapper, and without its traceback.

    >>> root_cause("a.B: outer\\n\\tat x\\nCaused by: pemja.core.PythonException: boom\\n\\tat y")
    'boom'
    """
    message: list[str] = []
    inside = False
    for line in stacktrace.splitlines():
        if line.startswith("Caused by: ") or not message:
            message, inside = [line.removeprefix("Caused by: ")], True
        elif line.startswith(("\tat ", "\t...")):
            inside = False
        elif inside:
            message.append(line)
    text = " ".join(part.strip() for part in _without_traceback(message) if part.strip())
    for wrapper in _WRAPPERS:
        text = text.removeprefix(wrapper)
    return text or UNKNOWN


def _without_traceback(message: list[str]) -> list[str]:
    """The lines of a message from the last error of a Python traceback on; all without one.

    >>> _without_traceback(["x: y", f"{_TRACEBACK}:", "  File 1", "udfs.errors.AnError: no bundle"])
    ['udfs.errors.AnError: no bundle']
    """
    if not any(_TRACEBACK in line for line in message):
        return message
    errors = [index for index, line in enumerate(message) if _PYTHON_ERROR.match(line)]
    return message[errors[-1] :] if errors else message
