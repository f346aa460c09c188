"""Compares the counters of `job_progress` and the number of dead letters."""

from collections import Counter

from bench.verify.compare.report import Figure
from bench.verify.compare.stored import COUNTERS, Connection, read_dead_letters, read_progress
from bench.verify.recompute import Expected

UNKNOWN_ITEM = "unknown_item"


def compare_counters(expected: Expected, connection: Connection, space_id: int) -> list[Figure]:
    """The counters of every stream, expected and found."""
    progress = read_progress(connection, space_id)
    dead_letters = read_dead_letters(connection, space_id, expected.forgotten)
    zero = dict.fromkeys(COUNTERS, 0)
    figures: list[Figure] = []
    for stream, counts in expected.counts.items():
        found = progress.get(stream, zero)
        # An event that waits too long becomes a dead letter: the input decides only the sum.
        expired = dead_letters.pop((stream, UNKNOWN_ITEM), 0)
        dead = Counter({r: n for (s, r), n in expected.dead_letters.items() if s == stream})
        dead_found = Counter({r: n for (s, r), n in dead_letters.items() if s == stream})
        if stream == "control" and not counts.records_in and not dead_found:
            continue
        if stream != "control":
            figures.append(Figure(f"{stream} in", counts.records_in, found["records_in"]))
        figures.append(Figure(f"{stream}: dead letters", dead.total(), dead_found.total()))
        for reason in sorted(dead.keys() | dead_found.keys()):
            figures.append(
                Figure(f"{stream}: {reason}", dead[reason], dead_found[reason], judged=False)
            )
        if stream == "events":
            figures += _event_counters(expected, found, expired)
        if stream == "items":
            # Two lines of one item with the same time have no order: either may be read last.
            vectors = progress.get("vectors", zero)
            judged = expected.changes_decided
            figures += [
                Figure("items: passed over", counts.duplicates, found["duplicates"], judged),
                Figure("items: of deleted ones", counts.excluded, found["excluded"], judged),
                Figure("items: documents changed", counts.applied, found["applied"], judged),
                Figure("items: vectors written", counts.applied, vectors["records_in"], judged),
            ]
    return figures


def _event_counters(expected: Expected, found: dict[str, int], expired: int) -> list[Figure]:
    counts = expected.counts["events"]
    # A command acts when it is read; the input may not say which events were read before it.
    judged = expected.counts_decided
    kept = ("duplicates", "applied", "excluded")
    waiting = found["waiting"] + expired
    figures = [
        Figure(f"events: {name}", getattr(counts, name), found[name], judged) for name in kept
    ]
    return [
        *figures,
        Figure("events: waiting or unknown_item", counts.waiting, waiting, judged),
        Figure(
            "events: dead letters counted",
            counts.dead_letters + expired,
            found["dead_letters"],
        ),
        Figure(
            "events: all counters together",
            found["records_in"],
            sum(found[name] for name in (*kept, "waiting", "dead_letters")),
        ),
        Figure("events: users with rows to be written", 0, found["unwritten"]),
    ]
