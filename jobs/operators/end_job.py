"""Ends the job for good, where a restart would only fail again."""

import logging
from typing import Any

_log = logging.getLogger(__name__)


def end_job(java_context: Any, message: str) -> None:
    """Fail the task of Java's runtime context so that Flink does not restart the job.

    An exception of Python reaches Java as a text, and Flink restarts the job after each of them.
    `SuppressRestartsException` is the one after which it does not. Python cannot throw it, so it is
    handed to the task, which PyFlink gives no way to: the field is Flink's own. Where another
    version of Flink has it elsewhere, the caller's own error restarts the job. Call it in the
    task's own thread, and raise an error behind it.
    """
    try:
        # Thread mode's bridge to Java, which exists inside of a TaskManager only.
        from pemja import findClass  # noqa: PLC0415

        fields = findClass("org.apache.commons.lang3.reflect.FieldUtils")
        suppress = findClass("org.apache.flink.runtime.execution.SuppressRestartsException")
        # A class that the JobManager has, whatever lies in its folders.
        cause = findClass("java.lang.RuntimeException")(message)
        fields.readField(java_context, "taskEnvironment", True).failExternally(suppress(cause))
    except Exception:
        _log.warning("Flink cannot be told that a restart is of no use", exc_info=True)
