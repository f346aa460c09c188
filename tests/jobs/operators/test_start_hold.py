"""How long events wait for items after a restart."""

from jobs.operators.start_hold import ALIVE_MS, QUIET_MS, READ_AT_MOST_MS, StartHold

START_MS = 1_700_000_000_000


def test_events_wait_until_a_second_after_the_last_bucket_gave_a_sign_of_life():
    hold = StartHold([0, 3])
    assert hold.holds(START_MS)
    hold.bucket_lives(0)
    assert hold.holds(START_MS + 60_000)
    hold.bucket_lives(3)
    hold.bucket_lives(7)
    assert hold.holds(START_MS + 70_000)
    assert hold.holds(START_MS + 70_000 + ALIVE_MS - 1)
    assert not hold.holds(START_MS + 70_000 + ALIVE_MS)


def test_items_that_come_lengthen_the_wait_until_they_are_quiet():
    hold = StartHold([])
    hold.items_came()
    assert hold.holds(START_MS)
    hold.items_came()
    assert hold.holds(START_MS + ALIVE_MS)
    assert hold.holds(START_MS + ALIVE_MS + QUIET_MS - 1)
    assert not hold.holds(START_MS + ALIVE_MS + QUIET_MS)


def test_a_stream_of_items_without_end_does_not_hold_up_events_for_ever():
    hold = StartHold([])
    for at_ms in range(0, READ_AT_MOST_MS, 100):
        hold.items_came()
        assert hold.holds(START_MS + at_ms)
    hold.items_came()
    assert not hold.holds(START_MS + READ_AT_MOST_MS)


def test_once_over_it_never_begins_again():
    hold = StartHold([])
    hold.holds(START_MS)
    assert not hold.holds(START_MS + ALIVE_MS)
    hold.items_came()
    assert not hold.holds(START_MS + ALIVE_MS + 1)


def test_a_clock_that_is_put_back_ends_the_wait():
    hold = StartHold([])
    hold.holds(START_MS)
    assert not hold.holds(START_MS - 3_600_000)
