"""The rules that records are checked against, as plain numbers."""

from dataclasses import dataclass

from jobs.config import Limits


@dataclass(frozen=True)
class Rules:
    """Known actions and limits of a record.

    `earliest_ms` is in epoch milliseconds; `latest_ahead_ms` is how far an event may be ahead of
    the processing time.
    """

    actions: frozenset[str]
    max_line_bytes: int = 65_536
    max_text_chars: int = 8_192
    max_id_chars: int = 256
    earliest_ms: int = 631_152_000_000
    latest_ahead_ms: int = 86_400_000

    @classmethod
    def of(cls, limits: Limits, actions: frozenset[str]) -> "Rules":
        """The rules of the configuration's section `limits` and the names of its actions."""
        return cls(
            actions=actions,
            max_line_bytes=limits.max_line_bytes,
            max_text_chars=limits.max_text_chars,
            max_id_chars=limits.max_id_chars,
            earliest_ms=limits.earliest_ms,
            latest_ahead_ms=limits.latest_ahead_s * 1000,
        )
