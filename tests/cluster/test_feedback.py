"""Impressions without clicks lower an item's rank for its user, and a touch brings it back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.local.stack import stack
from tests.builders import event

TEAS = ("green tea", "black tea", "white tea", "herbal tea", "oolong tea", "tea ceremonies")
TITLES = {name.replace(" ", "-"): f"A book about {name}" for name in TEAS}
# What was clicked stays among what can be recommended, as music does.
SETTINGS = ["actions.click.seen=false", "interest.slow_delay_s=0", "learning.enabled=false"]
SHOWN = 6


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.cluster
def test_what_is_shown_in_vain_sinks_for_its_user_and_recovers_after_a_touch(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    with (
        psycopg.connect(dsn, autocommit=True) as db,
        stack(dsn, bundle_dir, TITLES.values(), tmp_path, overrides=SETTINGS) as started,
    ):
        now_ms = int(time.time() * 1000) - 60_000

        def recommended(user: str = "ada") -> dict[str, tuple[int, float]]:
            """Rank, and what impressions take off the score, of each item."""
            rows = db.execute(
                "SELECT item_id, rank, (parts -> 'score' ->> 'shown')::float8"
                " FROM interestream.recommend(%s, 5, p_explore => 0, p_diversity => 0)",
                [user],
            ).fetchall()
            return {item: (rank, taken_off) for item, rank, taken_off in rows}

        def happened(number: int, action: str, item: str, **fields: Any) -> dict[str, Any]:
            at_ms = now_ms + 10 * number
            return event(number, action=action, item_id=item, event_time=at_ms, **fields)

        started.feed.write_items([{"item_id": i, "title": title} for i, title in TITLES.items()])
        likes = [happened(1, "like", "green-tea"), happened(2, "like", "green-tea", user_id="bob")]
        started.feed.write_events(likes)
        # What a user likes is no answer any more; before that, it is among what is new.
        others = TITLES.keys() - {"green-tea"}
        until(lambda: recommended().keys() == recommended("bob").keys() == others, "first lists")
        before = recommended()
        assert recommended("bob") == before
        (first,) = [item for item, (rank, _) in before.items() if rank == 1]

        started.feed.write_events(
            happened(
                10 + number,
                "impression",
                first,
                context={"recommendation_id": f"r{number}", "position": 1, "source": "recent"},
            )
            for number in range(SHOWN)
        )
        until(lambda: recommended()[first][0] > 1, "another item in the first place")
        # n / (n + 3) of six impressions, by the packaged weight.
        until(lambda: recommended()[first][1] == pytest.approx(-1.5 * 6 / 9), "all impressions")
        sunk, _ = recommended()[first]
        assert recommended("bob") == before

        touch = happened(90, "click", first, context={"recommendation_id": "r2"})
        started.feed.write_events([touch])
        until(lambda: recommended()[first][1] == 0, "the touch")
        assert recommended()[first][0] < sunk
        counted = db.execute("SELECT * FROM interestream.click_through()").fetchall()
        assert counted == [("recent", 1, "", "", SHOWN, 1, pytest.approx(1 / SHOWN))]
