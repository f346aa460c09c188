"""The interest step, one timeline at a time, on a real Postgres."""

from collections.abc import Iterator

import numpy as np
import psycopg
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
    command_line,
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


def test_a_new_user_has_windows_an_interest_and_a_relation(world):
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
    # like: 3; a day old it is half in `day`, 2^(-1/30) in `month`, and not of the session
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
    assert world.counted() == 3
    assert world.progress() == {"records_in": 5, "duplicates": 2, "applied": 3}
    assert world.windows()["recent"] == list(EAST)


def test_the_same_event_id_of_another_user_is_another_event(world):
    world.events(event_line(1), event_line(1, user_id="bob"))
    assert (world.counted("ada"), world.counted("bob")) == (1, 1)


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
            # A view cannot be undone: nothing but its id is remembered.
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


def test_lines_without_a_readable_key_are_dead_and_never_users(world):
    world.events(event_line(1), b"{", bucket=UNREADABLE_BUCKET)
    assert world.reasons() == [("not_json", None), ("unreadable_key", None)]
    assert world.counted() is None
    told = world.progress(bucket=UNREADABLE_BUCKET)
    assert told == {"records_in": 2, "dead_letters": 2}


def test_commands_without_a_readable_key_are_dead_once_each(world):
    lines = [command_line("ada", "forget"), b"{", command_line("ada", "praise")]
    world.control(*lines, bucket=UNREADABLE_BUCKET)
    found = world.rows("SELECT raw, reason FROM interestream.dead_letters ORDER BY seq")
    assert found == [
        (lines[0], "unreadable_key"),
        (lines[1], "not_json"),
        (lines[2], "unknown_action"),
    ]
    told = world.progress("control", UNREADABLE_BUCKET)
    assert told == {"records_in": 3, "dead_letters": 3}


def test_an_event_in_words_that_its_action_has_no_use_for_counts_and_moves_no_window(world):
    world.events(event_line(1, action="view", item_id=None, text="how nice"))
    assert (world.counted(), world.windows()) == (1, {})
    assert world.rows("SELECT * FROM interestream.user_items") == []
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_an_event_that_weighs_less_than_a_real_can_hold_is_written(world):
    world.events(event_line(1, action="dwell", value=1e-60))
    world.events(event_line(2, item_id="north"))
    assert (world.counted(), world.windows()["day"]) == (2, list(NORTH))
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_dislikes_have_a_window_of_their_own(world):
    world.events(event_line(1, action="dislike"))
    assert world.windows() == {"dislikes": list(EAST)}


def test_a_search_is_the_vector_of_its_words(world):
    world.spoken((search_line(1, "red shoes"), INWARD))
    assert world.windows() == {kind: list(INWARD) for kind in POSITIVE}
    assert world.rows("SELECT interest_items FROM interestream.users") == [([],)]
    assert world.rows("SELECT * FROM interestream.user_items") == []


def test_a_search_for_the_id_of_an_item_is_still_a_search(world):
    world.spoken((search_line(1, "east"), INWARD))
    assert world.windows()["recent"] == list(INWARD)


def test_the_words_of_a_search_are_still_known_at_the_next_event(world):
    world.spoken((search_line(1, "red shoes"), INWARD))
    world.events(event_line(2, action="impression", item_id="north"))
    world.events(event_line(3, item_id="north", event_time=NOON_MS - HOUR_MS))
    # search 2 * Inward, then like 3 * 2^(-1/3) * North
    total = np.array([0.0, 3 * 2 ** (-1 / 3), 0.0, 2.0])
    expected = total / np.linalg.norm(total)
    np.testing.assert_allclose(world.windows()["recent"], expected, atol=1e-3)


def test_a_search_without_its_vector_is_unreadable_text(world):
    world.spoken((search_line(1, "red shoes"), None), (search_line(2, "hats"), UP))
    assert world.reasons() == [("unreadable_text", "ada")]
    assert world.counted() == 1
    assert world.progress() == {"records_in": 2, "dead_letters": 1, "applied": 1}


def test_a_search_among_events_without_vectors_is_unreadable_text(world):
    world.events(event_line(1), search_line(2, "red shoes"))
    assert world.reasons() == [("unreadable_text", "ada")]
    assert world.progress() == {"records_in": 2, "dead_letters": 1, "applied": 1}


def test_a_search_with_an_unknown_item_and_words_does_not_wait(world):
    world.spoken((search_line(1, "red shoes", item_id="unheard"), INWARD))
    assert world.windows()["recent"] == list(INWARD)
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_a_search_that_names_an_item_without_words_counts_for_the_item(world):
    world.events(event_line(1, action="search", item_id="north"))
    assert world.windows()["recent"] == list(NORTH)


def test_an_event_of_an_unknown_item_waits_and_joins_when_its_vector_comes(world):
    world.events(event_line(1, item_id="new"), event_line(2))
    assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}
    assert (world.flink.entries("waiting-v2"), world.flink.timers) == (1, 1)
    assert world.flink.advance(3 * WAITING_CHECK_MS) == 3
    assert world.counted() == 1

    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.counted() == 2
    assert world.progress() == {"records_in": 2, "applied": 2}
    assert world.rows("SELECT item_id FROM interestream.user_items ORDER BY 1") == [
        ("east",),
        ("new",),
    ]
    assert (world.flink.entries("waiting-v2"), world.flink.timers) == (0, 0)


def test_a_user_whose_events_all_wait_has_no_row_yet(world):
    world.events(event_line(1, item_id="new"))
    assert world.counted() is None
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.counted(), world.windows()["day"]) == (1, list(UP))


def test_a_repetition_of_a_waiting_event_is_a_duplicate(world):
    world.events(event_line(1, item_id="new"))
    world.events(event_line(1, item_id="new"))
    assert world.progress() == {"records_in": 2, "duplicates": 1, "waiting": 1}


def test_several_events_wait_for_one_item_and_all_come_in(world):
    world.events(event_line(1, item_id="new"), event_line(2, item_id="new", user_id="bob"))
    world.flink.advance(WAITING_CHECK_MS)
    world.events(event_line(3, item_id="new"), event_line(4, item_id="other"))
    assert world.flink.timers == 1
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.counted("ada"), world.counted("bob")) == (2, 1)
    assert world.progress() == {"records_in": 4, "waiting": 1, "applied": 3}


def test_an_event_that_waited_too_long_is_a_dead_letter(job_dsn):
    with InterestWorld(job_dsn, retention={"waiting_ttl_s": 10}) as world:
        world.events(event_line(1, item_id="never"))
        world.flink.advance(5_000)
        world.events(event_line(2, item_id="never"))
        world.flink.advance(5_000)
        assert world.progress() == {"records_in": 2, "waiting": 2}
        world.flink.advance(2 * WAITING_CHECK_MS)
        assert world.progress() == {"records_in": 2, "waiting": 1, "dead_letters": 1}
        world.flink.advance(5_000)
        assert world.reasons() == [("unknown_item", "ada"), ("unknown_item", "ada")]
        assert world.rows("SELECT raw FROM interestream.dead_letters ORDER BY seq") == [
            (event_line(1, item_id="never"),),
            (event_line(2, item_id="never"),),
        ]
        assert world.progress() == {"records_in": 2, "dead_letters": 2}
        assert (world.flink.entries("waiting-v2"), world.flink.timers) == (0, 0)


def test_an_expired_wait_does_not_shorten_the_next_one(job_dsn):
    with InterestWorld(job_dsn, retention={"waiting_ttl_s": 10}) as world:
        world.events(event_line(1, item_id="new"))
        world.flink.broadcast(vectors_row({"new": UP}))
        world.flink.advance(9_000)
        world.events(event_line(2, item_id="never"))
        world.flink.advance(9_000)
        assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}


def test_an_item_that_comes_after_a_restore_releases_what_waited_before_it(world):
    world.events(event_line(1, item_id="new"), event_line(2, item_id="other"))
    world.flink.advance(WAITING_CHECK_MS)
    world.flink.restore(world.flink.snapshot())
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}


def test_an_item_that_came_before_a_restore_releases_what_waited_after_it(world):
    world.events(event_line(1, item_id="new"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.restore(world.flink.snapshot())
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_an_older_vector_never_replaces_a_newer_one(world):
    world.flink.broadcast(vectors_row({"east": UP}, version=3))
    world.flink.broadcast(vectors_row({"east": INWARD}, version=2))
    world.flink.broadcast(vectors_row({"east": INWARD}, epoch=99, version=9))
    world.events(event_line(1))
    assert world.windows()["recent"] == list(UP)
    world.flink.restore(world.flink.snapshot())
    world.events(event_line(2))
    assert world.windows()["day"] == list(UP)


def test_forget_takes_the_rows_the_waiting_events_and_what_comes_later(world):
    world.events(event_line(1), event_line(2, item_id="new"), event_line(3, action="levitate"))
    world.events(event_line(4, user_id="bob"))
    world.control(command_line("ada", "forget"))
    assert world.rows("SELECT user_id FROM interestream.users") == [("bob",)]
    for table in ("user_windows", "user_items"):
        assert world.rows(f"SELECT DISTINCT user_id FROM interestream.{table}") == [("bob",)]
    assert world.rows("SELECT * FROM interestream.dead_letters") == []
    assert world.flink.entries("waiting-v2") == 0

    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    world.events(event_line(5), event_line(1))
    world.spoken((search_line(6, "hats"), UP))
    assert world.counted() is None
    assert world.progress() == {"records_in": 7, "applied": 2, "dead_letters": 1, "excluded": 4}
    assert world.progress("control") == {"records_in": 1, "applied": 1}


def test_nothing_brings_a_forgotten_user_back(world):
    world.events(event_line(1))
    world.control(*(command_line("ada", name) for name in ("forget", "opt_out", "opt_in")))
    world.events(event_line(2))
    world.control(command_line("ada", "opt_in"))
    assert (world.counted(), world.windows()) == (None, {})
    assert world.progress() == {"records_in": 2, "applied": 1, "excluded": 1}


def test_what_is_left_of_a_forgotten_user_tells_nothing_of_them(world):
    world.spoken((search_line(1, "red shoes"), INWARD))
    world.control(command_line("ada", "forget"))
    assert world.flink.entries("users-v2") == 0
    assert world.flink.entries("excluded-v1") == 1
    assert world.flink.holding("ada") == world.flink.holding("red shoes") == set()


def test_a_search_of_a_forgotten_user_leaves_no_letter(world):
    world.control(command_line("ada", "forget"))
    world.spoken((search_line(1, "red shoes"), None))
    assert world.reasons() == []
    assert world.progress() == {"records_in": 1, "excluded": 1}


def test_opting_out_takes_the_vectors_and_opting_in_brings_them_back(world):
    world.events(event_line(1), event_line(2, user_id="bob"))
    before = world.windows()
    world.control(command_line("ada", "opt_out"))
    assert (world.counted(), world.windows()) == (None, {})
    assert world.windows("bob") == before
    world.events(event_line(3, item_id="north"))
    assert world.windows() == {}
    world.control(command_line("ada", "opt_in"))
    assert (world.counted(), world.windows()) == (1, before)
    world.events(event_line(3, item_id="north", event_time=NOON_MS + 1))
    assert world.counted() == 2
    assert world.progress() == {"records_in": 4, "applied": 3, "excluded": 1}


def test_opting_out_and_in_within_one_batch_changes_nothing(world):
    world.events(event_line(1))
    world.control(command_line("ada", "opt_out"), command_line("ada", "opt_in"))
    assert world.counted() == 1


def test_a_user_who_was_never_seen_may_opt_out_and_in(world):
    world.control(command_line("ada", "opt_out"))
    world.control(command_line("ada", "opt_in"))
    assert world.counted() is None
    world.events(event_line(1))
    assert world.counted() == 1


def test_a_waiting_event_of_a_user_who_opted_out_writes_no_vectors(world):
    world.events(event_line(1), event_line(2, item_id="new"), event_line(3, user_id="bob"))
    world.control(command_line("ada", "opt_out"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.counted(), world.windows()) == (None, {})
    assert world.progress() == {"records_in": 3, "applied": 2, "excluded": 1}
    world.control(command_line("ada", "opt_in"))
    assert world.windows()["recent"] == list(EAST)


def test_dead_commands_are_letters_of_their_own_stream(world):
    world.control(b"{", command_line("ada", "praise"), command_line("ada", "opt_out"))
    assert world.reasons("control") == [("not_json", None), ("unknown_action", "ada")]
    assert world.reasons() == []
    assert world.progress("control") == {"records_in": 3, "dead_letters": 2, "applied": 1}


def test_buckets_keep_their_own_counters(world):
    world.events(event_line(1), bucket=0)
    world.events(event_line(2, user_id="bob"), b"{", bucket=3)
    assert world.progress(bucket=0) == {"records_in": 1, "applied": 1}
    assert world.progress(bucket=3) == {"records_in": 2, "dead_letters": 1, "applied": 1}
    assert world.flink.entries("book-v2") == 2


def test_ids_and_texts_that_look_like_sql_or_copy_come_through(world):
    odd = "a\tb\\N\n'; DROP TABLE x; --\u2028\U0001f600"
    world.flink.broadcast(vectors_row({odd: UP}))
    world.events(event_line(1, user_id=odd, item_id=odd))
    assert world.rows("SELECT user_id, item_id FROM interestream.user_items") == [(odd, odd)]
    assert world.rows("SELECT interest_items FROM interestream.users") == [([odd],)]


def test_sessions_that_end_between_batches_lose_nothing_and_double_nothing(world):
    for number in range(4):
        world.events(event_line(number, item_id="new"), b"{")
        world.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'interestream-job' AND datname = current_database()"
        )
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.counted() == 4
    assert world.progress() == {"records_in": 8, "dead_letters": 4, "applied": 4}


def test_two_jobs_with_the_older_one_behind_leave_the_newer_rows(job_dsn):
    with InterestWorld(job_dsn, epoch=200) as newer, InterestWorld(job_dsn, epoch=100) as older:
        newer.events(event_line(1, item_id="north"))
        older.events(event_line(1), event_line(2), event_line(3))
        assert newer.windows() == {kind: list(NORTH) for kind in POSITIVE}
        assert newer.rows("SELECT epoch, events FROM interestream.users") == [(200, 1)]


def test_two_spaces_keep_their_users_apart(job_dsn):
    with InterestWorld(job_dsn) as first:
        with psycopg.connect(job_dsn, autocommit=True) as db:
            db.execute(
                "SELECT interestream.create_space('tiny', '2', 'bb', 4, '{0,0,0,0}'::real[])"
            )
        with InterestWorld(job_dsn, space_id=first.space_id + 1, items={"east": UP}) as second:
            first.events(event_line(1))
            second.events(event_line(1))
            first.control(command_line("ada", "opt_out"))
            assert first.rows("SELECT space_id, events FROM interestream.users") == [
                (first.space_id + 1, 1)
            ]


def test_a_broken_line_of_a_forgotten_user_is_counted_and_nothing_of_it_is_kept(world):
    world.events(event_line(1))
    world.control(b'{"user_id": "ada", "command": "forget"}')
    broken = event_line(2, action="levitate")
    world.events(broken)
    assert world.rows("SELECT count(*) FROM interestream.dead_letters") == [(0,)]
    counted = "SELECT dead_letters FROM interestream.job_progress WHERE stream = 'events'"
    assert world.rows(counted) == [(1,)]


def test_a_letter_of_before_a_restore_goes_when_its_event_has_a_better_fate(world):
    before = world.flink.snapshot()
    world.events(event_line(1, action="levitate"))
    world.flink.restore(before)
    world.events(event_line(2))
    assert world.rows("SELECT count(*) FROM interestream.dead_letters") == [(0,)]


def test_what_is_liked_goes_on_to_the_trends_once_and_with_its_slice(world):
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
    ((bucket, packed),) = world.counted_rows
    counts = unpack(packed)
    rows = zip(counts.item_id, counts.slice_ms, counts.count, counts.weight, strict=True)
    assert bucket == 0
    assert sorted(rows) == [
        ("east", NOON_MS - 10_000, 1, 1_000),
        ("east", NOON_MS, 2, 4_000),
        ("north", NOON_MS, 1, 3_000),
    ]


def test_an_event_is_counted_when_its_item_arrives_and_not_before(world):
    world.events(event_line(1, item_id="late"))
    assert world.counted_rows == []
    world.flink.broadcast(vectors_row({"late": EAST}))
    world.flink.advance(WAITING_CHECK_MS)
    ((_, packed),) = world.counted_rows
    assert (unpack(packed).item_id, unpack(packed).count.tolist()) == (["late"], [1])


def test_excluded_users_are_not_counted(world):
    world.control(command_line("ada", "forget"), command_line("bob", "opt_out"))
    world.events(event_line(1), event_line(2, user_id="bob"))
    assert world.counted_rows == []


def test_without_trends_nothing_is_sent_on(job_dsn):
    with InterestWorld(job_dsn, trends={"enabled": False}) as world:
        world.events(event_line(1))
        assert world.counted_rows == []
