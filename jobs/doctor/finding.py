"""What one check found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the page."""

    area: str
    """The heading under which the line stands."""
    level: Level
    found: str
    """What there is, or what is wrong."""
    advice: str = ""
    """What to do about it; empty where nothing is to do."""


def ok(area: str, found: str) -> Finding:
    """Return the finding that something is as it should be."""
    return Finding(area, "ok", found)


def warn(area: str, found: str, advice: str) -> Finding:
    """Return a finding with which the job works, or may work."""
    return Finding(area, "warn", found, advice)


def fail(area: str, found: str, advice: str) -> Finding:
    """Return a finding with which the job does not work."""
    return Finding(area, "fail", found, advice)


def from_message(area: str, message: str, level: Level = "fail") -> Finding:
    """Return the finding of an error whose message reads "what is wrong: what to do"."""
    found, advice = _split(" ".join(message.split()))
    return Finding(area, level, found, advice or "docs/troubleshooting.md lists what to do")


def _split(message: str) -> tuple[str, str]:
    """Split at the first colon outside of brackets, or where there is none at the semicolon.

    >>> _split("Postgres cannot be reached (failed: refused): is it running?")
    ('Postgres cannot be reached (failed: refused)', 'is it running?')
    >>> _split("the manifest is not JSON; export the bundle again")
    ('the manifest is not JSON', 'export the bundle again')
    """
    depth = 0
    for index, character in enumerate(message):
        depth += (character == "(") - (character == ")")
        if depth == 0 and message.startswith(": ", index):
            return message[:index], message[index + 2 :]
    found, _, advice = message.partition("; ")
    return found, advice
