"""What a check says, and the limits from which on it warns or alarms."""

from dataclasses import dataclass
from enum import IntEnum

from jobs.errors import ConfigError
from jobs.health.reading import TopicReading


class State(IntEnum):
    """States in the order of their weight; the number is the exit code."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Verdict:
    """One check in one sentence."""

    check: str
    state: State
    sentence: str
    value: float | None = None
    """The number that was judged; None where there is none."""
    topic: TopicReading | None = None
    """The topic of Kafka that is judged, if one is."""


@dataclass(frozen=True)
class Limits:
    """From `warning` on a value is a warning, from `critical` on it is critical."""

    warning: float
    critical: float

    def judge(self, value: float) -> State:
        """Return the state of a value.

        >>> [Limits(60, 300).judge(value).name for value in (59.9, 60, 300)]
        ['OK', 'WARNING', 'CRITICAL']
        """
        if value >= self.critical:
            return State.CRITICAL
        return State.WARNING if value >= self.warning else State.OK

    def __str__(self) -> str:
        return f"{self.warning:g}:{self.critical:g}"


def parse_limits(text: str) -> Limits:
    """Parse WARNING:CRITICAL.

    Raises ConfigError unless these are two rising numbers above 0.

    >>> parse_limits("0.1:0.3")
    Limits(warning=0.1, critical=0.3)
    """
    warning, _, critical = text.partition(":")
    try:
        limits = Limits(float(warning), float(critical))
    except ValueError:
        limits = Limits(0, 0)
    if not 0 < limits.warning <= limits.critical < float("inf"):
        raise ConfigError(f"two rising numbers above 0 are needed, as in 60:300, unlike '{text}'")
    return limits


@dataclass(frozen=True)
class Thresholds:
    """The limits of every check."""

    commit_age_s: Limits = Limits(60, 300)
    lag_s: Limits = Limits(30, 120)
    checkpoint_age_s: Limits = Limits(60, 300)
    failed_checkpoints: Limits = Limits(1, 3)
    restarts: Limits = Limits(1, 5)
    waiting_share: Limits = Limits(0.1, 0.3)
    dead_letter_share: Limits = Limits(0.05, 0.2)
