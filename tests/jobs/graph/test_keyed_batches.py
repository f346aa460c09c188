"""Rows that wake the buckets of users whom others are merged into."""

import pickle

from jobs.core.user_bucket import bucket_of
from jobs.graph.keyed_batches import AddKey
from jobs.operators.row_kinds import PACKED_EVENTS, UNREADABLE_BUCKET, WAKE, unpacked
from tests.builders import RULES, command_line, event_line, line
from tests.jobs.operators.builders import control_row, events_row

BUCKETS = 4
KEY = pickle.loads(pickle.dumps(AddKey(RULES, BUCKETS)))


def merge_line(user_id: str, into: object) -> bytes:
    return line({"user_id": user_id, "command": "merge", "into": into})


def test_every_batch_gets_its_bucket_as_key():
    commands = control_row([b"{"], bucket=2)
    spoken = events_row([event_line(1), event_line(2)], [b"one", b"two"], bucket=3)
    unreadable = control_row([merge_line("a", "ada")], bucket=UNREADABLE_BUCKET)
    for row in (spoken, commands, unreadable):
        (keyed,) = KEY.process_element(row, None)
        assert keyed[0] == row[0]
        assert keyed[1] == row


def test_events_without_a_text_are_one_line_unless_one_of_them_is_several():
    lines = [event_line(1), b"", event_line(2), b"{"]
    (keyed,) = KEY.process_element(events_row(lines, bucket=3), None)
    bucket, kind, together, vectors = keyed[1]
    assert (keyed[0], bucket, kind, vectors) == (3, 3, PACKED_EVENTS, [b""])
    assert len(together) == 1
    assert unpacked(kind, together) == lines
    broken = events_row([event_line(1), b'{\n"event_id": 2}'], bucket=1)
    (keyed,) = KEY.process_element(broken, None)
    assert keyed[1] == broken


def test_a_merge_wakes_the_bucket_of_each_new_user_once_before_it_is_read():
    lines = [
        merge_line("anon-1", "ada"),
        merge_line("anon-2", "ada"),
        command_line("anon-3", "forget"),
        merge_line("anon-4", 7),
        merge_line("anon-5", "anon-5"),
        b"{",
    ]
    row = control_row(lines, bucket=0)
    *wakes, last = KEY.process_element(row, None)
    # "ada" has the hash code 96,417 - 3, and "7" has 55.
    woken = {96_414 % 4, 55 % 4}
    assert woken == {bucket_of("ada", BUCKETS), bucket_of("7", BUCKETS)}
    assert [wake[0] for wake in wakes] == sorted(woken)
    assert all(tuple(wake[1])[:3] == (wake[0], WAKE, [b""]) for wake in wakes)
    assert last[1] == row
