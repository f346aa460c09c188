"""Reads the lines that a decode step made: records of the contract, and dead letters."""

import json
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote_plus

from bench.fuzz.foreign.made import Dead, Good, Made
from bench.verify.recompute import ACTIONS, Bounds
from bench.verify.recompute.rejection import RejectedError
from bench.verify.recompute.validation import read_event, read_item

HEAD = b"\x1eundecoded "
"""How a line begins that stands for a record which could not be read; a second 0x1E ends it."""


def became(line: bytes, stream: str, bounds: Bounds) -> Good | Dead:
    """What the job makes of a line of the contract."""
    if line.startswith(HEAD):
        head, separator, raw = line[len(HEAD) :].partition(b"\x1e")
        parts = head.decode("ascii").split(" ")
        if separator and len(parts) == 3:
            reason, _, owner = parts
            return Dead(reason, raw, unquote_plus(owner[1:]) if owner != "-" else None)
    if len(line) > 4 * bounds.max_line_bytes:
        return Dead("too_large", line.rpartition(b"\n")[0])
    try:
        if stream == "events":
            read_event(line, ACTIONS, bounds)
        else:
            read_item(line, bounds)
    except RejectedError as rejected:
        return Dead(rejected.reason, line, rejected.user_id or rejected.item_id)
    return Good(json.loads(line))


def faults(made: Made, lines: Sequence[bytes], stream: str, bounds: Bounds) -> list[str]:
    """What is wrong with the lines of one record; empty where they are what must become of it."""
    found = [became(line, stream, bounds) for line in lines]
    good = [one for one in found if isinstance(one, Good)]
    dead = [one for one in found if isinstance(one, Dead)]
    wrong = []
    expected = [one.record for one in made.good]
    given = [_without_any_id(one.record, want) for one, want in zip(good, expected, strict=False)]
    if len(good) != len(expected) or given != expected:
        wrong.append(f"good records {[one.record for one in good]}, not {expected}")
    dead = [
        replace(one, reason=None) if want.reason is None else one
        for one, want in zip(dead, made.dead, strict=False)
    ] + dead[len(made.dead) :]
    if dead != list(made.dead):
        wrong.append(f"dead letters {dead}, not {list(made.dead)}")
    return [text[:2_000] for text in wrong]


def _without_any_id(record: dict[str, object], expected: dict[str, object]) -> dict[str, object]:
    """The record, whose id counts for nothing where any will do and it has one."""
    if "event_id" in expected and expected["event_id"] is None and record.get("event_id"):
        return {**record, "event_id": None}
    return record
