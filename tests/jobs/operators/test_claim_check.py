"""Batches that stay in their store while a claim check goes through Flink."""

import pickle
from collections.abc import Iterator

import pytest

from jobs.errors import LostBatchError
from jobs.operators.claim_check import MAX_BYTES, BatchStore, ClaimCheck, check_in
from jobs.operators.user_batches import CountedBatch
from tests.builders import event_line
from tests.jobs.operators.builders import InterestWorld, events_row


@pytest.fixture
def store() -> Iterator[BatchStore[list[int]]]:
    opened = BatchStore[list[int]](("test", 1))
    yield opened
    opened.close()


def sent(name: tuple[str, int], batch: list[int], size: int = 1) -> list[int] | ClaimCheck:
    """What arrives at the next task of a batch that is checked in."""
    arrived: list[int] | ClaimCheck = pickle.loads(pickle.dumps(check_in(name, batch, size)))
    return arrived


def test_redeeming_a_claim_check_gives_the_batch_itself(store):
    batch = [1, 2]
    given = sent(("test", 1), batch)
    assert isinstance(given, ClaimCheck)
    assert store.take(given) is batch


def test_batches_beyond_the_size_of_the_store_are_sent_themselves_and_in_order(store):
    batches = [[number] for number in range(5)]
    arrived = [sent(("test", 1), batch, size=MAX_BYTES // 2) for batch in batches]
    assert [isinstance(given, ClaimCheck) for given in arrived] == [True, True, False, False, False]
    assert [store.take(given) for given in arrived] == batches
    assert isinstance(sent(("test", 1), [0], size=2 * MAX_BYTES), ClaimCheck), (
        "an empty store accepts a batch of any size"
    )
    assert not isinstance(sent(("test", 1), [1]), ClaimCheck)


def test_without_a_store_the_batch_itself_is_sent(store):
    assert sent(("test", 2), [1]) == [1]
    assert store.take([1]) == [1]
    store.close()
    assert sent(("test", 1), [2]) == [2]


def test_a_claim_check_can_be_redeemed_once_and_at_its_own_store(store):
    given = sent(("test", 1), [1])
    other = BatchStore[list[int]](("test", 2))
    with pytest.raises(LostBatchError, match="last checkpoint"):
        other.take(given)
    other.close()
    assert store.take(given) == [1]
    with pytest.raises(LostBatchError):
        store.take(given)


def test_closing_a_store_leaves_its_successor_of_the_same_name_open(store):
    again = BatchStore[list[int]](("test", 1))
    store.close()
    given = sent(("test", 1), [3])
    assert again.take(given) == [3]
    again.close()


def test_claim_checks_are_used_within_one_attempt_only(job_dsn):
    with InterestWorld(job_dsn, with_claim_checks=True) as world:

        def kinds(*numbers: int) -> set[type]:
            return {type(out) for out in world.flink.send(events_row(map(event_line, numbers)))}

        assert kinds(1) == {ClaimCheck}
        world.flink.restore(world.flink.snapshot())
        assert kinds(2) == {CountedBatch}
        world.restart()
        assert kinds(1, 3) == {CountedBatch}
        world.writer.restore(world.writer.snapshot())
        assert kinds(4) == {ClaimCheck}
        assert world.progress() == {"records_in": 5, "duplicates": 1, "applied": 4}
