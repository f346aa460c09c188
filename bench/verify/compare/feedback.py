"""Compares what users were shown, and the counts of click-through."""

from bench.verify.compare.findings import Findings
from bench.verify.compare.report import Figure
from bench.verify.compare.stored import Connection, read_shown_items
from bench.verify.recompute import Expected


def compare_feedback(
    expected: Expected, connection: Connection, space_id: int, findings: Findings
) -> list[Figure]:
    """Compare the rows of `shown_items` and, where the input decides them, all counts of clicks."""
    shown = expected.feedback.shown
    found = set()
    for key, times_us in read_shown_items(connection):
        found.add(key)
        if not expected.counts_decided and key[0] in expected.opted_out:
            continue
        wanted = shown.get(key)
        if wanted is None:
            findings.add("shown_items not expected", repr(key))
        elif [time_ms * 1000 for time_ms in wanted] != times_us:
            findings.add(
                "shown_items different", f"{key!r}: {wanted} expected, {times_us} us found"
            )
    for key in shown.keys() - found:
        findings.add("shown_items missing", repr(key))
    counted = _counts(connection, space_id)
    if expected.feedback.decided:
        for cell in expected.feedback.counts.keys() | counted.keys():
            wanted_count = expected.feedback.counts.get(cell)
            if wanted_count != counted.get(cell):
                findings.add(
                    "click-through different",
                    f"{cell}: {wanted_count} expected, {counted.get(cell)} found",
                )
    return [
        Figure("shown_items rows", len(shown), len(found), expected.counts_decided),
        *(
            Figure(
                f"click-through: {name}",
                sum(counts[place] for counts in expected.feedback.counts.values()),
                sum(counts[place] for counts in counted.values()),
                expected.feedback.decided,
            )
            for place, name in enumerate(("impressions", "clicks"))
        ),
    ]


def _counts(
    connection: Connection, space_id: int
) -> dict[tuple[str, int, str, str], tuple[int, int]]:
    rows = connection.execute(
        "SELECT source, place, segment, variant, sum(impressions)::int8, sum(clicks)::int8"
        " FROM interestream.click_counts WHERE space_id = %s GROUP BY 1, 2, 3, 4",
        (space_id,),
    ).fetchall()
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}
