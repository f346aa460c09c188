"""An oracle for the fold: every row by its definition in docs/contract.md, from all events."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from jobs.config import Interest
from jobs.core.interest.undo import NOT_UNDOABLE
from tests.builders import DAY_MS, MINUTE_MS
from tests.jobs.core.interest.fold_builders import (
    INTEREST,
    TEXTS,
    Happening,
    Row,
    Users,
    Vector,
    after,
)

HALF_LIFE_MS = {"day": DAY_MS, "month": 30 * DAY_MS, "topics": 30 * DAY_MS, "dislikes": 30 * DAY_MS}


def counts(event: Happening, events: Iterable[Happening]) -> float:
    """The event's multiplicity by docs/contract.md: 0 if it was undone, else 1."""
    return float(
        event.undo_bit == NOT_UNDOABLE
        or not any(
            other.undoes
            and (other.user, other.item, other.undo_bit) == (event.user, event.item, event.undo_bit)
            and (other.time_ms, other.key) > (event.time_ms, event.key)
            for other in events
        )
    )


def expected_rows(
    events: Sequence[Happening], user: int = 0, interest: Interest = INTEREST
) -> dict[str, Row | None]:
    """Every kind by its definition in docs/contract.md, in float64; None where vectors cancel."""
    mine = sorted(
        (e for e in events if e.user == user), key=lambda e: (e.time_ms, e.key), reverse=True
    )
    weighed: list[tuple[Happening, float, Vector, float]] = [
        (e, e.weight, e.liked, counts(e, mine)) for e in mine if e.weight and e.liked
    ]
    liked = [(e, w, v, c) for e, w, v, c in weighed if w > 0]
    disliked: list[tuple[Happening, float, Vector, float]] = [
        (e, -w, v, c) for e, w, v, c in weighed if w < 0
    ]
    engaged: list[tuple[Happening, float, Vector, float]] = []
    for e in mine:
        if e.is_comment and e.engagement:
            engaged.append((e, e.engagement, TEXTS[e.text or ""], counts(e, mine)))
        elif not e.is_comment and e.weight > 0 and e.liked:
            engaged.append((e, e.weight, e.liked, counts(e, mine)))
    last = liked[: interest.last_n]
    session = last[:1]
    for before, later in zip(last[1:], last, strict=False):
        if later[0].time_ms - before[0].time_ms > 30 * MINUTE_MS:
            break
        session.append(before)
    weighted = {
        "recent": [(c * w * 2 ** (-rank / 3), v, e) for rank, (e, w, v, c) in enumerate(last)],
        "session": [(c * w, v, e) for e, w, v, c in session],
    }
    sums = [(kind, liked) for kind in interest.half_lives_s]
    sums += [("topics", engaged)] * bool(interest.topics_half_life_s)
    sums += [("dislikes", disliked)] * bool(interest.dislikes_half_life_s)
    for kind, chosen in sums:
        weighted[kind] = [
            (c * w * 2 ** (-(chosen[0][0].time_ms - e.time_ms) / HALF_LIFE_MS[kind]), v, e)
            for e, w, v, c in chosen
        ]
    rows: dict[str, Row | None] = {}
    for kind, shares in weighted.items():
        total = sum((share * np.array(v) for share, v, _ in shares), start=np.zeros(4))
        weight, length = sum(share for share, _, _ in shares), float(np.linalg.norm(total))
        if weight >= 1e-4:
            stable = length > 1e-3 * max(weight, 1.0)
            rows[kind] = (total / length, weight, shares[0][2].time_ms) if stable else None
    return rows


def assert_rows(found: dict[str, Row], expected: dict[str, Row | None]) -> None:
    # Where vectors nearly cancel, rounding decides the direction, or whether there is a row.
    assert {kind for kind, row in expected.items() if row is not None} <= found.keys()
    assert found.keys() <= expected.keys()
    for kind, row in expected.items():
        if row is None:
            continue
        # float32 sums, then float16: 2^-11 relative.
        np.testing.assert_allclose(found[kind][0], row[0], atol=2e-3, err_msg=kind)
        assert found[kind][1] == pytest.approx(row[1], rel=1e-6), kind
        assert found[kind][2] == row[2], kind


def assert_as_defined(
    made: Users, events: Sequence[Happening], interest: Interest = INTEREST
) -> None:
    for user in range(len(made.entries)):
        assert_rows(made.tables.rows(user), expected_rows(events, user, interest))
        mine = [event for event in events if event.user == user]
        if mine:
            row = made.tables.users[user]
            assert row[:2] == (len(mine), max(event.time_ms for event in mine))
    one_batch = after(events, users=len(made.entries), interest=interest)
    for user in {event.user for event in events}:
        assert made.tables.interests(user) == one_batch.tables.interests(user)
        assert made.entry(user).texts == one_batch.entry(user).texts
        assert made.entry(user).undo_log == one_batch.entry(user).undo_log
