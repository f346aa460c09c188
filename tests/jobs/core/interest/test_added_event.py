"""An event added to a user's rows, beside the fold that adds it to the user's state."""

import numpy as np
import pytest

from jobs.config import Interest
from jobs.core.interest.added_event import Past, RowsAfter, WindowRow, add_event
from jobs.core.interest.fold_settings import FoldSettings
from tests.builders import DAY_MS, MINUTE_MS, NOON_MS, catalogue_of, unit_rows
from tests.jobs.core.interest.fold_builders import Happening, Users

DIM = 8
VECTORS = unit_rows(60, DIM, seed=4)
CATALOGUE = catalogue_of({f"i{n}": vector for n, vector in enumerate(VECTORS)}, DIM)
INTEREST = Interest(slow_delay_s=0)
NEW = 50


def history(events: int, seed: int, step_ms: int = 7 * MINUTE_MS) -> list[Happening]:
    """Events on different items, the last one at noon."""
    rng = np.random.default_rng(seed)
    return [
        Happening(
            user=0,
            time_ms=NOON_MS - (events - 1 - number) * step_ms,
            key=number + 1,
            weight=float(rng.choice([1.0, 3.0, -3.0, 0.5])),
            item=f"i{number}",
        )
        for number in range(events)
    ]


def past_of(happened: list[Happening]) -> Past:
    newest_first = happened[::-1]
    return Past(
        [str(each.item) for each in newest_first],
        np.array([VECTORS[int(str(each.item)[1:])] for each in newest_first], dtype=np.float32),
        np.array([each.weight for each in newest_first]),
        np.array([each.time_ms for each in newest_first]),
    )


def folded(happened: list[Happening]) -> Users:
    users = Users(1, CATALOGUE, FoldSettings.of(INTEREST, DIM))
    users.batch(*happened)
    return users


def window_rows(users: Users) -> dict[str, WindowRow]:
    return {
        kind: WindowRow(np.asarray(vector, dtype=np.float32), weight, as_of)
        for kind, (vector, weight, as_of) in users.tables.rows().items()
    }


def added(happened: list[Happening], weight: float, time_ms: int) -> RowsAfter:
    return add_event(
        window_rows(folded(happened)),
        past_of(happened),
        f"i{NEW}",
        VECTORS[NEW],
        weight,
        time_ms,
        INTEREST,
    )


@pytest.mark.parametrize("events", [1, 3, 12, 45])
@pytest.mark.parametrize("weight", [3.0, 1.0, -3.0])
@pytest.mark.parametrize("pause_ms", [MINUTE_MS, 5 * DAY_MS])
def test_the_rows_are_those_of_the_fold_where_all_events_are_known(events, weight, pause_ms):
    happened = history(events, seed=events)
    time_ms = NOON_MS + pause_ms
    after = added(happened, weight, time_ms)
    last = Happening(user=0, time_ms=time_ms, key=999, weight=weight, item=f"i{NEW}")
    truth = folded([*happened, last])
    expected = window_rows(truth)
    assert set(after.windows) == set(expected)
    for kind, row in expected.items():
        # Rows hold halves: 11 bits of each number; an interaction beyond the last 32 still counts
        # a thousandth.
        assert float(row.vector @ after.windows[kind].vector) > 0.9995, kind
        assert after.windows[kind].weight == pytest.approx(row.weight, rel=2e-3), kind
        assert after.windows[kind].as_of == row.as_of, kind
    interests = truth.tables.interests()
    assert after.interest_items == [medoid.item_id for medoid in interests]
    assert after.interest_weights == pytest.approx([medoid.share for medoid in interests], abs=1e-4)
    assert after.interest_sizes == [medoid.size for medoid in interests]


def test_an_event_without_a_weight_changes_no_window():
    happened = history(6, seed=1)
    after = added(happened, 0.0, NOON_MS + MINUTE_MS)
    before = window_rows(folded(happened))
    assert {kind: row.weight for kind, row in after.windows.items()} == {
        kind: row.weight for kind, row in before.items()
    }
    assert all((after.windows[kind].vector == before[kind].vector).all() for kind in before)


def test_of_a_past_that_is_not_known_directions_and_weights_still_count():
    row = WindowRow(VECTORS[0], 4.0, NOON_MS)
    nothing = Past([], np.empty((0, DIM), dtype=np.float32), np.empty(0), np.empty(0, np.int64))
    after = add_event({"day": row}, nothing, "i1", VECTORS[1], 4.0, NOON_MS, INTEREST)
    expected = VECTORS[0] + VECTORS[1]
    assert after.windows["day"].weight == 8.0
    assert float(after.windows["day"].vector @ expected) == pytest.approx(
        float(np.linalg.norm(expected)), rel=1e-4
    )
    assert after.interest_items == ["i1"]
