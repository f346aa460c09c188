"""Events in the interest step, one timeline at a time, on a real Postgres."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.core.trends.counts import unpack
from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import (
    DAY_MS,
    EAST,
    HOUR_MS,
    INWARD,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    UP,
    event_line,
    key_of,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row

POSITIVE = ("recent", "session", "day", "month", "topics")


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def test_a_new_user_has_windows_an_interest_and_a_row_of_user_items(world):
    world.events(event_line(1))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}
    assert world.rows(
        "SELECT user_id, events, extract(epoch FROM last_event_at) * 1000, interest_items,"
        " interest_weights, interest_sizes, epoch FROM interestream.users"
    ) == [("ada", 1, NOON_MS, ["east"], [1.0], [1], 100)]
    bit = world.settings.identity.action_bits["like"]
    assert world.rows(
        "SELECT user_id, item_id, actions, signal, signal_key, first_at = last_at"
        " FROM interestream.user_items"
    ) == [("ada", "east", 1 << bit, 3.0, key_of("e1") - 2**63, True)]
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_a_weight_and_a_time_are_stored_as_the_window_has_them(world):
    world.events(event_line(1, event_time=NOON_MS - DAY_MS), event_line(2, event_time=NOON_MS))
    found = world.rows(
        "SELECT kind, weight, (extract(epoch FROM as_of) * 1000)::bigint"
        " FROM interestream.user_windows ORDER BY kind"
    )
    # A like weighs 3. A day old, it counts half in `day`, 2^(-1/30) in `month`, 0 in `session`.
    expected = {
        "day": 4.5,
        "month": 3 + 3 * 2 ** (-1 / 30),
        "topics": 3 + 3 * 2 ** (-1 / 30),
        "recent": 3 + 3 * 2 ** (-1 / 3),
        "session": 3.0,
    }
    assert {kind: weight for kind, weight, _ in found} == pytest.approx(expected, rel=1e-6)
    assert {at for _, _, at in found} == {NOON_MS}


def test_duplicates_within_a_batch_and_across_batches_count_once(world):
    world.events(event_line(1), event_line(1, item_id="north"), event_line(2))
    world.events(event_line(2), event_line(3))
    assert world.event_count() == 3
    assert world.progress() == {"records_in": 5, "duplicates": 2, "applied": 3}
    assert world.windows()["recent"] == list(EAST)


def test_the_same_event_id_of_another_user_is_another_event(world):
    world.events(event_line(1), event_line(1, user_id="bob"))
    assert (world.event_count("ada"), world.event_count("bob")) == (1, 1)


@pytest.mark.parametrize(("ttl_s", "remembered_ms"), [(3600, HOUR_MS), (90, 90_000), (5, 5_000)])
def test_a_duplicate_is_recognised_for_as_long_as_configured(job_dsn, ttl_s, remembered_ms):
    with InterestWorld(job_dsn, retention={"duplicate_ttl_s": ttl_s}) as world:
        world.flink.advance(MINUTE_MS - 1)
        world.events(event_line(1))
        world.flink.advance(remembered_ms)
        world.events(event_line(1))
        assert world.progress() == {"records_in": 2, "duplicates": 1, "applied": 1}
        world.flink.advance(remembered_ms + 2 * MINUTE_MS)
        world.events(event_line(1))
        assert world.progress() == {"records_in": 3, "duplicates": 1, "applied": 2}


def test_ids_that_expired_leave_the_state(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_ttl_s": 60}) as world:
        sizes = []
        for number in range(4):
            # A view cannot be undone, so the entry grows by its id alone.
            world.events(event_line(number, action="view"))
            sizes += world.flink.sizes("users-v2")
            world.flink.advance(HOUR_MS)
        assert sizes[1:] == sizes[:-1]


def test_lines_that_are_no_events_are_dead_letters_with_their_raw_bytes(world):
    broken = [b'{"event_id": "\xff"}', b"{", event_line(1, action="levitate")]
    world.events(broken[0], event_line(2), *broken[1:])
    assert world.reasons() == [("not_utf8", None), ("not_json", None), ("unknown_action", "ada")]
    raws = world.rows("SELECT raw FROM interestream.dead_letters ORDER BY seq")
    assert [raw for (raw,) in raws] == broken
    assert world.progress() == {"records_in": 4, "dead_letters": 3, "applied": 1}


def test_lines_without_a_readable_key_are_dead_letters_even_if_valid(world):
    world.events(event_line(1), b"{", bucket=UNREADABLE_BUCKET)
    assert world.reasons() == [("not_json", None), ("unreadable_key", "ada")]
    assert world.event_count() is None
    counters = world.progress(bucket=UNREADABLE_BUCKET)
    assert counters == {"records_in": 2, "dead_letters": 2}


def test_a_text_that_the_action_does_not_use_counts_and_moves_no_window(world):
    world.events(event_line(1, action="view", item_id=None, text="how nice"))
    assert (world.event_count(), world.windows()) == (1, {})
    assert world.rows("SELECT * FROM interestream.user_items") == []
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_an_event_of_a_weight_below_the_smallest_real_is_written(world):
    world.events(event_line(1, action="dwell", value=1e-60))
    world.events(event_line(2, item_id="north"))
    assert (world.event_count(), world.windows()["day"]) == (2, list(NORTH))
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_dislikes_have_a_window_of_their_own(world):
    world.events(event_line(1, action="dislike"))
    assert world.windows() == {"dislikes": list(EAST)}


def test_a_query_counts_with_the_vector_of_its_text(world):
    world.text_events((search_line(1, "red shoes"), INWARD))
    assert world.windows() == {kind: list(INWARD) for kind in POSITIVE}
    assert world.rows("SELECT interest_items FROM interestream.users") == [([],)]
    assert world.rows("SELECT * FROM interestream.user_items") == []


def test_a_query_that_spells_an_items_id_counts_with_its_own_vector(world):
    world.text_events((search_line(1, "east"), INWARD))
    assert world.windows()["recent"] == list(INWARD)


def test_the_vector_of_a_query_is_kept_for_later_batches(world):
    world.text_events((search_line(1, "red shoes"), INWARD))
    world.events(event_line(2, action="impression", item_id="north"))
    world.events(event_line(3, item_id="north", event_time=NOON_MS - HOUR_MS))
    # search 2 * Inward, then like 3 * 2^(-1/3) * North
    total = np.array([0.0, 3 * 2 ** (-1 / 3), 0.0, 2.0])
    expected = total / np.linalg.norm(total)
    np.testing.assert_allclose(world.windows()["recent"], expected, atol=1e-3)


def test_a_query_without_a_vector_is_an_unreadable_text(world):
    world.text_events((search_line(1, "red shoes"), None), (search_line(2, "hats"), UP))
    assert world.reasons() == [("unreadable_text", "ada")]
    assert world.event_count() == 1
    assert world.progress() == {"records_in": 2, "dead_letters": 1, "applied": 1}


def test_a_query_in_a_batch_without_vectors_is_an_unreadable_text(world):
    world.events(event_line(1), search_line(2, "red shoes"))
    assert world.reasons() == [("unreadable_text", "ada")]
    assert world.progress() == {"records_in": 2, "dead_letters": 1, "applied": 1}


def test_a_search_without_a_text_counts_with_its_item(world):
    world.events(event_line(1, action="search", item_id="north"))
    assert world.windows()["recent"] == list(NORTH)


def test_an_older_vector_never_replaces_a_newer_one(world):
    world.flink.broadcast(vectors_row({"east": UP}, version=3))
    world.flink.broadcast(vectors_row({"east": INWARD}, version=2))
    world.flink.broadcast(vectors_row({"east": INWARD}, epoch=99, version=9))
    world.events(event_line(1))
    assert world.windows()["recent"] == list(UP)
    world.flink.restore(world.flink.snapshot())
    world.events(event_line(2))
    assert world.windows()["day"] == list(UP)


def test_buckets_keep_their_own_counters(world):
    world.events(event_line(1), bucket=0)
    world.events(event_line(2, user_id="bob"), b"{", bucket=3)
    assert world.progress(bucket=0) == {"records_in": 1, "applied": 1}
    assert world.progress(bucket=3) == {"records_in": 2, "dead_letters": 1, "applied": 1}
    assert world.flink.entries("book-v2") == 2


def test_ids_that_look_like_sql_or_copy_are_written_as_they_are(world):
    odd = "a\tb\\N\n'; DROP TABLE x; --\u2028\U0001f600"
    world.flink.broadcast(vectors_row({odd: UP}))
    world.events(event_line(1, user_id=odd, item_id=odd))
    assert world.rows("SELECT user_id, item_id FROM interestream.user_items") == [(odd, odd)]
    assert world.rows("SELECT interest_items FROM interestream.users") == [([odd],)]


def test_after_a_lost_connection_every_batch_is_written_once(world):
    for number in range(4):
        world.events(event_line(number, item_id="new"), b"{")
        world.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'interestream-job' AND datname = current_database()"
        )
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.event_count() == 4
    assert world.progress() == {"records_in": 8, "dead_letters": 4, "applied": 4}


def test_an_older_job_does_not_replace_the_rows_of_a_newer_one(job_dsn):
    with InterestWorld(job_dsn, epoch=200) as newer, InterestWorld(job_dsn, epoch=100) as older:
        newer.events(event_line(1, item_id="north"))
        older.events(event_line(1), event_line(2), event_line(3))
        assert newer.windows() == {kind: list(NORTH) for kind in POSITIVE}
        assert newer.rows("SELECT epoch, events FROM interestream.users") == [(200, 1)]


def test_a_dead_letter_from_before_a_restore_is_deleted_if_it_does_not_recur(world):
    before = world.flink.snapshot()
    world.events(event_line(1, action="levitate"))
    world.flink.restore(before)
    world.events(event_line(2))
    assert world.rows("SELECT count(*) FROM interestream.dead_letters") == [(0,)]


def test_events_of_positive_weight_are_counted_for_trends_once(world):
    world.events(
        event_line(1),
        event_line(1),  # a duplicate
        event_line(2, action="view", event_time=NOON_MS + 9_999),
        event_line(3, action="view", event_time=NOON_MS - 1),
        event_line(4, action="impression"),
        event_line(5, action="dislike", item_id="north"),
        event_line(6, item_id="unknown"),
        search_line(7, "a text that Java did not encode"),
        event_line(8, user_id="bob", item_id="north"),
        b"{",
    )
    ((bucket, packed, _),) = world.trend_rows
    counts = unpack(packed)
    rows = zip(counts.item_id, counts.slice_ms, counts.count, counts.weight, strict=True)
    assert bucket == 0
    assert sorted(rows) == [
        ("east", NOON_MS - 10_000, 1, 1_000),
        ("east", NOON_MS, 2, 4_000),
        ("north", NOON_MS, 1, 3_000),
    ]


def test_without_trends_nothing_is_sent_on(job_dsn):
    with InterestWorld(job_dsn, trends={"enabled": False}) as world:
        world.events(event_line(1))
        assert world.trend_rows == []
