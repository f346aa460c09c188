"""How the topics of a user moved: days between, and what is summed up in `other`."""

from datetime import date, timedelta

import psycopg

from jobs.serve.page.history import topic_history
from tests.jobs.serve.served import serving
from tests.sql.builders import NOON, add_topic, keep_day, seeded
from tests.sql.logins import login

DAY = date(2026, 3, 1)


def rows(*found: tuple[int, str, float]) -> list[dict[str, object]]:
    return [
        {"day": DAY + timedelta(days=number), "topic": topic, "share": share}
        for number, topic, share in found
    ]


def test_days_without_rows_are_as_the_day_before():
    found = topic_history(
        rows((0, "a", 0.5), (0, "other", 0.5), (3, "a", 0.75), (3, "other", 0.25))
    )
    assert found is not None
    assert [day.day for day in found.days] == [1, 2, 3, 4]
    assert found.shares == {"a": (0.5, 0.5, 0.5, 0.75), "other": (0.5, 0.5, 0.5, 0.25)}
    assert found.known == 2


def test_topics_beyond_the_strongest_are_summed_up():
    found = topic_history(
        rows((0, "a", 0.5), (0, "b", 0.25), (0, "c", 0.125), (0, "other", 0.125)), topics=2
    )
    assert found is not None
    assert found.shares == {"a": (0.5,), "b": (0.25,), "other": (0.25,)}


def test_shares_of_each_day_add_up_to_one():
    found = topic_history(rows((0, "a", 0.25), (0, "other", 0.75), (1, "b", 1.0)))
    assert found is not None
    sums = [sum(shares[number] for shares in found.shares.values()) for number in range(2)]
    assert sums == [1.0, 1.0]


def test_nothing_is_none():
    assert topic_history([]) is None


def test_the_part_of_the_page_has_the_days_that_are_kept(filled):
    with psycopg.connect(filled) as db:
        add_topic(db, "stars", seeded(1)[0])
        keep_day(db, "ann", NOON.date() - timedelta(days=2), {"boats": 0.875, "other": 0.125})
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("user/history?id=ann")
        nobody = served.get("user/history?id=nobody")
    assert status == 200
    assert [f"2026-0{day}" in text for day in ("2-27", "2-28", "3-01")] == [True] * 3
    assert text.count(">88%<") == 2  # on the day itself, and on the next one, which has no rows
    assert nobody[0] == 200
    assert "No topic of this user is known." in nobody[1]
