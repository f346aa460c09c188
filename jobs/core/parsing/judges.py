"""What the job would say to lines of a stream, without a job."""

import time
from collections.abc import Callable, Mapping, Sequence

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules

Judge = Callable[[Sequence[bytes]], list[DeadLetter]]
"""Lines of a stream; the dead letters among them."""


def judge_of(stream: str, rules: Rules) -> Judge:
    """The function that gives the dead letters among lines of a stream, as the job would."""
    judges: Mapping[str, Judge] = {
        "events": lambda lines: parse_events(lines, rules, round(time.time() * 1000)).dead,
        "items": lambda lines: parse_items(lines, rules).dead,
        "control": lambda lines: parse_control(lines, rules).dead,
    }
    return judges[stream]
