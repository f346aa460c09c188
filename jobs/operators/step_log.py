"""What the lines of a step say beside their message: its space, and where records are found.

In thread mode Python's log goes through Java's, whose layout may be JSON with the fields of SLF4J's
MDC. Flink itself adds the job's id, and the name of the task's thread says operator and subtask.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from jobs.core.parsing.events import DeadLetter

_log = logging.getLogger(__name__)
_PEMJA = "pemja.logger"
"""The module of the handler that the interpreter inside Java writes with."""


class _WithFields(logging.Handler):
    """Has another handler write each record with the fields of its `extra` and of the step."""

    def __init__(self, handler: logging.Handler, mdc: Any) -> None:
        super().__init__()
        self._handler = handler
        self._mdc = mdc
        self.fields: dict[str, object] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        more = getattr(record, "fields", {})
        fields = {"python": record.name, **self.fields, **more}
        for name, value in fields.items():
            self._mdc.put(name, str(value))
        try:
            self._handler.handle(record)
        finally:
            for name in fields:
                self._mdc.remove(name)


def log_with_space(space_id: int) -> None:
    """Have every line of this process's steps name the space and Python's logger.

    Nothing happens outside of Java, where the lines go elsewhere.
    """
    handlers = logging.getLogger().handlers
    for number, handler in enumerate(handlers):
        if type(handler).__module__ == _PEMJA:
            from pemja import findClass  # noqa: PLC0415 - it works inside Java alone

            handlers[number] = _WithFields(handler, findClass("org.slf4j.MDC"))
    for handler in handlers:
        if isinstance(handler, _WithFields):
            handler.fields = {"space": space_id}


class DeadLetterLog:
    """Tells where the records that were not accepted lie, at most every EVERY_S seconds.

    A line names the place of the newest ones in the table `dead_letters`, the reasons, and how many
    there were since the last line. What a record says, and whose it is, stays out of the log.
    """

    EVERY_S = 10.0

    def __init__(self) -> None:
        self._reasons: Counter[str] = Counter()
        self._next_s = float("-inf")

    def wrote(
        self, stream: str, epoch: int, bucket: int, end: int, dead: Sequence[DeadLetter]
    ) -> None:
        """A batch was committed with dead letters, whose last one has the number `end` - 1."""
        if not dead:
            return
        self._reasons.update(letter.reason for letter in dead)
        if time.monotonic() < self._next_s:
            return
        reasons = ", ".join(f"{reason} {count}" for reason, count in self._reasons.most_common())
        _log.info(
            "Records that were not accepted since the last such line: %d (%s); the newest are the"
            " dead letters %d to %d of bucket %d of the stream %s",
            self._reasons.total(),
            reasons,
            end - len(dead),
            end - 1,
            bucket,
            stream,
            extra={
                "fields": {
                    "stream": stream,
                    "epoch": epoch,
                    "bucket": bucket,
                    "first_seq": end - len(dead),
                    "last_seq": end - 1,
                }
            },
        )
        self._reasons.clear()
        self._next_s = time.monotonic() + self.EVERY_S
