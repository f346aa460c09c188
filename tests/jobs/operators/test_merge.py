"""Merging one user into another: rows, later events, chains, duplicates, refusals."""

from collections.abc import Iterator

import pytest

from jobs.core.user_bucket import bucket_of
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    command_line,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import vectors_row
from tests.jobs.operators.merge_builders import BUCKETS, MergeWorld, merge_line

OLD, NEW = "anon-1", "ada"


@pytest.fixture
def world(job_dsn: str) -> Iterator[MergeWorld]:
    with MergeWorld(job_dsn) as made:
        yield made


def test_the_users_of_these_tests_are_in_different_buckets() -> None:
    assert len({bucket_of(user, BUCKETS) for user in (OLD, NEW)}) == 2
    assert bucket_of("bob", BUCKETS) != bucket_of(OLD, BUCKETS)


def test_the_old_users_rows_become_the_new_ones(world: MergeWorld) -> None:
    world.feed(
        event_line(1, user_id=OLD, item_id="north", event_time=NOON_MS - DAY_MS),
        event_line(2, user_id=NEW),
    )
    world.merge(OLD, NEW)
    assert world.rows_of(OLD) == 0
    assert world.event_count(NEW) == 2
    # Likes of weight 3, of which that of a day before has halved: 3 and 1.5.
    assert world.windows(NEW)["day"] == pytest.approx([2 / 5**0.5, 1 / 5**0.5, 0, 0], abs=1e-3)
    assert world.windows(NEW)["session"] == list(EAST)
    assert [row[0] for row in world.user_items(NEW)] == ["east", "north"]
    assert world.total() == {"records_in": 2, "applied": 2}
    assert world.total("control") == {"records_in": 1, "applied": 1}


def test_relations_to_one_item_are_joined(world: MergeWorld) -> None:
    world.feed(
        event_line(1, user_id=OLD, action="dislike", event_time=NOON_MS),
        event_line(2, user_id=NEW, action="like", event_time=NOON_MS - MINUTE_MS),
    )
    likes, dislikes = (world.user_items(user)[0] for user in (NEW, OLD))
    world.merge(OLD, NEW)
    ((item, actions, first, last, signal, signal_at),) = world.user_items(NEW)
    assert (item, signal) == ("east", -3.0)
    assert actions == likes[1] | dislikes[1]
    assert (first, last, signal_at) == (likes[2], dislikes[3], dislikes[3])


def test_later_events_of_the_old_user_are_the_new_users(world: MergeWorld) -> None:
    world.merge(OLD, NEW)
    world.feed(event_line(1, user_id=OLD), event_line(2, user_id=OLD, item_id="north"))
    # On their way they are counted, and as long as they are, rows are said to be behind.
    assert world.total() == {"records_in": 2, "moved": 2}
    assert world.unwritten() == 1
    world.settle()
    assert world.total() == {"records_in": 2, "applied": 2}
    assert world.unwritten() == 0
    assert world.rows_of(OLD) == 0
    assert world.event_count(NEW) == 2


def test_later_searches_and_comments_of_the_old_user_count_with_their_texts(
    world: MergeWorld,
) -> None:
    world.merge(OLD, NEW)
    world.say(search_line(1, "inward", user_id=OLD), INWARD)
    comment = {"action": "comment", "item_id": None, "text": "so true"}
    world.say(event_line(2, user_id=OLD, **comment), NORTH)
    # An event without an item whose text its action has no use for moves no window.
    world.feed(event_line(3, user_id=OLD, action="view", item_id=None, text="unused"))
    world.settle()
    assert world.total() == {"records_in": 3, "applied": 3}
    assert world.event_count(NEW) == 3
    assert world.windows(NEW)["recent"] == list(INWARD)
    # Both count toward topics: the search with weight 2, the comment with its engagement of 1.
    topics = [0, 1 / 5**0.5, 0, 2 / 5**0.5]
    assert world.windows(NEW)["topics"] == pytest.approx(topics, abs=1e-3)
    assert world.user_items(NEW) == []
    assert world.flink.entries("waiting-v2") == 0


def test_an_event_that_is_read_again_after_the_merge_counts_once(world: MergeWorld) -> None:
    before, later = event_line(1, user_id=OLD), event_line(2, user_id=OLD, item_id="north")
    world.feed(before)
    world.merge(OLD, NEW)
    world.feed(before, later)
    world.feed(later)
    world.settle()
    world.feed(later, before)
    assert world.total() == {"records_in": 6, "applied": 2, "duplicates": 4}
    assert world.event_count(NEW) == 2


def test_one_event_id_of_both_users_is_two_events(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD), event_line(1, user_id=NEW))
    world.merge(OLD, NEW)
    assert world.event_count(NEW) == 2


def test_waiting_events_move_and_count_when_their_item_arrives(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD, item_id="new"))
    world.merge(OLD, NEW)
    world.feed(event_line(2, user_id=OLD, item_id="new"))
    world.settle()
    assert world.total() == {"records_in": 2, "waiting": 2}
    world.flink.broadcast(vectors_row({"new": INWARD}))
    world.settle()
    assert world.total() == {"records_in": 2, "applied": 2}
    assert world.windows(NEW)["recent"] == list(INWARD)
    assert world.flink.entries("waiting-v2") == 0


def test_an_event_that_expires_after_the_merge_is_a_dead_letter_of_the_new_user(
    world: MergeWorld,
) -> None:
    world.feed(event_line(1, user_id=OLD, item_id="never"))
    world.merge(OLD, NEW)
    world.flink.advance(world.settings.config.retention.waiting_ttl_s * 1000 + 10_000)
    assert world.reasons() == [("unknown_item", NEW)]
    assert world.total() == {"records_in": 1, "dead_letters": 1}


def test_deferred_rows_of_the_old_user_are_the_new_ones(job_dsn: str) -> None:
    with MergeWorld(job_dsn, interest={"slow_delay_s": 5}) as world:
        world.feed(*(event_line(n, user_id=OLD) for n in range(20)))
        world.feed(event_line(20, user_id=OLD, item_id="north", event_time=NOON_MS + 1))
        assert world.unwritten() == 1
        world.merge(OLD, NEW)
        assert world.unwritten() == 0
        assert world.rows_of(OLD) == 0
        assert world.event_count(NEW) == 21
        world.flink.advance(10_000)
        assert world.rows_of(OLD) == 0


def test_a_merge_of_users_without_events_only_routes(world: MergeWorld) -> None:
    world.merge(OLD, NEW)
    assert world.total("control") == {"records_in": 1, "applied": 1}
    assert world.rows_of(NEW) == 0
    assert world.flink.entries("users-v2") == 0


def test_users_of_one_bucket_can_be_merged(world: MergeWorld) -> None:
    other = next(
        name
        for name in (f"user-{n}" for n in range(100))
        if bucket_of(name, BUCKETS) == bucket_of(NEW, BUCKETS)
    )
    world.feed(event_line(1, user_id=other))
    world.merge(other, NEW)
    world.feed(event_line(2, user_id=other))
    world.settle()
    assert world.event_count(NEW) == 2
    assert world.rows_of(other) == 0


def test_a_chain_ends_at_its_last_user_whatever_the_order(world: MergeWorld) -> None:
    chain = ["a", "b", "c", "d"]
    world.feed(*(event_line(n, user_id=user) for n, user in enumerate(chain)))
    world.command(merge_line("b", "c"), merge_line("a", "b"), merge_line("c", "d"))
    world.feed(*(event_line(10 + n, user_id=user) for n, user in enumerate(chain)))
    world.settle(12)
    assert world.event_count("d") == 8
    assert [world.rows_of(user) for user in ("a", "b", "c")] == [0, 0, 0]
    assert world.total() == {"records_in": 8, "applied": 8}
    assert len(world.user_items("d")) == 1


def test_many_users_can_be_merged_into_one(world: MergeWorld) -> None:
    names = [f"visit-{n}" for n in range(40)]
    world.feed(*(event_line(1, user_id=name) for name in names))
    world.command(*(merge_line(name, NEW) for name in names))
    world.settle()
    assert world.event_count(NEW) == 40
    assert world.rows("SELECT count(*) FROM interestream.users") == [(1,)]


def test_merging_again_into_the_same_user_changes_nothing(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD))
    world.merge(OLD, NEW)
    world.merge(OLD, NEW)
    assert world.event_count(NEW) == 1
    assert world.total("control") == {"records_in": 2, "applied": 2}


def test_a_merge_into_oneself_into_another_one_or_in_a_circle_is_refused(
    world: MergeWorld,
) -> None:
    world.feed(event_line(1, user_id=OLD), event_line(2, user_id=NEW))
    world.merge(OLD, OLD)
    world.merge(OLD, NEW)
    world.merge(OLD, "bob")
    world.merge(NEW, OLD)
    found = world.rows(
        "SELECT user_id, reason, detail FROM interestream.dead_letters ORDER BY user_id, detail"
    )
    assert found == [
        (NEW, "bad_merge", "a cycle: into a user who is part of this one"),
        (OLD, "bad_merge", "into itself"),
        (OLD, "bad_merge", "the user is part of another one already"),
    ]
    assert world.total("control") == {"records_in": 4, "applied": 1, "dead_letters": 3}
    assert world.event_count(NEW) == 2


@pytest.mark.parametrize("length", [2, 3])
def test_a_cycle_of_merges_at_one_time_ends_at_the_least_user(
    world: MergeWorld, length: int
) -> None:
    users = ["b", "c", "a"][:length]
    world.feed(*(event_line(n, user_id=user) for n, user in enumerate(users)))
    for user, into in zip(users, [*users[1:], users[0]], strict=True):
        world.command(merge_line(user, into))
    world.feed(*(event_line(10 + n, user_id=user) for n, user in enumerate(users)))
    world.settle(12)
    least, others = min(users), sorted(users)[1:]
    assert world.event_count(least) == 2 * length
    assert [world.rows_of(user) for user in others] == [0] * len(others)
    assert world.reasons("control") == [("bad_merge", least)]
    assert world.total("control") == {
        "records_in": length,
        "applied": length - 1,
        "dead_letters": 1,
    }
    assert world.total() == {"records_in": 2 * length, "applied": 2 * length}
    assert world.flink.entries("transfers-v1") <= BUCKETS


def test_an_undo_of_one_user_undoes_what_the_other_did(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD), event_line(2, user_id=NEW, item_id="north"))
    world.merge(OLD, NEW)
    world.feed(event_line(3, user_id=NEW, action="unlike", event_time=NOON_MS + 1))
    assert world.windows(NEW)["month"] == list(NORTH)


def test_dead_letters_keep_their_user(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD, event_time="soon"))
    world.merge(OLD, NEW)
    assert world.reasons() == [("bad_time", OLD)]


def test_a_bucket_without_merged_users_sets_no_timer(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD))
    world.command(command_line(OLD, "opt_out"))
    assert world.flink.timers == 0


def test_what_was_sent_leaves_the_state(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD))
    world.command(merge_line(OLD, NEW))
    assert "transfers-v1" in world.flink.holding(OLD)
    world.settle()
    assert "transfers-v1" not in world.flink.holding(OLD)


def test_new_pairs_are_made_with_what_the_old_user_liked(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD, item_id="north"))
    world.merge(OLD, NEW)
    before = len(world.pair_rows)
    world.feed(event_line(2, user_id=NEW, item_id="up", event_time=NOON_MS + 1))
    # One message counts the like of up, and pairs it with north; one is for the row of north.
    assert len(world.pair_rows) == before + 2
