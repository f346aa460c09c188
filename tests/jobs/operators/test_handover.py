"""Batches that stay where they are while a ticket goes through Flink."""

import pickle
from collections.abc import Iterator

import pytest

from jobs.errors import LostBatchError
from jobs.operators.handover import MOST_BYTES, Desk, Ticket, hand_over
from jobs.operators.user_writer import CountedBatch
from tests.builders import event_line
from tests.jobs.operators.builders import InterestWorld, events_row


@pytest.fixture
def desk() -> Iterator[Desk[list[int]]]:
    opened = Desk[list[int]](("test", 1))
    yield opened
    opened.close()


def sent(name: tuple[str, int], batch: list[int], size: int = 1) -> list[int] | Ticket:
    """What arrives at the next task of what is handed over."""
    arrived: list[int] | Ticket = pickle.loads(pickle.dumps(hand_over(name, batch, size)))
    return arrived


def test_the_batch_itself_is_taken_for_its_ticket(desk):
    batch = [1, 2]
    given = sent(("test", 1), batch)
    assert isinstance(given, Ticket)
    assert desk.take(given) is batch


def test_batches_keep_their_order_when_some_lie_at_the_desk_and_some_do_not(desk):
    batches = [[number] for number in range(5)]
    arrived = [sent(("test", 1), batch, size=MOST_BYTES // 2) for batch in batches]
    assert [isinstance(given, Ticket) for given in arrived] == [True, True, False, False, False]
    assert [desk.take(given) for given in arrived] == batches
    assert isinstance(sent(("test", 1), [0], size=2 * MOST_BYTES), Ticket), "it would never fit"
    assert not isinstance(sent(("test", 1), [1]), Ticket)


def test_without_a_desk_of_that_name_the_batch_goes_through_flink(desk):
    assert sent(("test", 2), [1]) == [1]
    assert desk.take([1]) == [1]
    desk.close()
    assert sent(("test", 1), [2]) == [2]


def test_a_ticket_is_worth_its_batch_once_and_at_its_own_desk(desk):
    given = sent(("test", 1), [1])
    other = Desk[list[int]](("test", 2))
    with pytest.raises(LostBatchError, match="last checkpoint"):
        other.take(given)
    other.close()
    assert desk.take(given) == [1]
    with pytest.raises(LostBatchError):
        desk.take(given)


def test_a_desk_that_was_opened_again_outlives_the_one_before(desk):
    again = Desk[list[int]](("test", 1))
    desk.close()
    given = sent(("test", 1), [3])
    assert again.take(given) == [3]
    again.close()


def test_the_interest_step_hands_its_batches_to_the_writer_of_its_own_attempt(job_dsn):
    with InterestWorld(job_dsn, handed=True) as world:

        def kinds(*numbers: int) -> set[type]:
            return {type(out) for out in world.flink.send(events_row(map(event_line, numbers)))}

        assert kinds(1) == {Ticket}
        world.flink.restore(world.flink.snapshot())
        assert kinds(2) == {CountedBatch}
        world.restart()
        assert kinds(1, 3) == {CountedBatch}
        world.writer.restore(world.writer.snapshot())
        assert kinds(4) == {Ticket}
        assert world.progress() == {"records_in": 5, "duplicates": 1, "applied": 4}
