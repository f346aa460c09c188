"""Rows of files that could not be read come through a stream with their place and reason."""

import pytest

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import Undecoded, read_undecoded, undecoded_line
from tests.builders import NOON_MS, RULES, event_line

ROW = Undecoded(
    b'ada,"view,\xff', "unreadable_row", "events é.csv, line 5: a quote that never closes"
)


def letter_of(line: bytes, rules: Rules = RULES) -> DeadLetter:
    """The dead letter of a line, which is the same in all three streams."""
    (event,) = parse_events([line], rules, NOON_MS).dead
    (item,) = parse_items([line], rules).dead
    (command,) = parse_control([line], rules).dead
    assert event == command
    assert (item.raw, item.reason, item.detail) == (event.raw, event.reason, event.detail)
    return event


def test_the_dead_letter_of_a_row_has_its_bytes_and_says_where_it_stands_and_why() -> None:
    assert letter_of(undecoded_line(ROW)) == DeadLetter(
        b'ada,"view,\xff',
        "unreadable_row",
        "events é.csv, line 5: a quote that never closes",
        None,
    )


def test_a_row_among_events_costs_no_event() -> None:
    lines = [event_line("a"), undecoded_line(ROW), event_line("b")]
    batch = parse_events(lines, RULES, NOON_MS)
    assert (batch.events.event_id, len(batch.dead)) == (["a", "b"], 1)


def test_the_user_of_a_row_that_is_nearly_json_is_known_so_that_forgetting_finds_it() -> None:
    row = Undecoded(b'{"user_id": "ada", "text": "cut o', "unreadable_row", "line 2: no JSON")
    assert letter_of(undecoded_line(row)).user_id == "ada"


def test_a_row_that_was_cut_off_on_its_way_is_still_one() -> None:
    rules = Rules(RULES.actions, max_line_bytes=100)
    line = undecoded_line(Undecoded(b"x" * 1_000, "unreadable_row", "a.csv, line 7: too few cells"))
    letter = letter_of(line[:400] + b"\n%d a.csv" % len(line), rules)
    assert (letter.reason, letter.detail) == ("unreadable_row", "a.csv, line 7: too few cells")
    # The head takes 11 + 14 + 1 + 32 + 1 + 1 + 1 of the 400 bytes.
    assert letter.raw == b"x" * 339


@pytest.mark.parametrize(
    "line",
    [
        b"\x1eundecoded",
        b"\x1eundecoded a b -",
        b"\x1eundecoded  a b -\x1e",
        b"\x1eundecoded DROP a -\x1e",
        b"\x1e{}",
        # Of these reasons no row is written.
        b"\x1eundecoded forgotten_user a -\x1eraw",
        b"\x1eundecoded deleted_item a =b\x1eraw",
    ],
)
def test_a_line_that_only_begins_so_is_no_json_as_it_was_before(line: bytes) -> None:
    assert read_undecoded(line) is None
    letter = letter_of(line)
    assert (letter.raw, letter.reason) == (line, "not_json")


def test_what_a_stranger_writes_into_a_head_is_bounded_and_holds_no_null_character() -> None:
    forged = b"\x1eundecoded odd %s%%00 =%%00eve\x1eraw" % (b"a" * 3_000)
    letter = letter_of(forged)
    assert (letter.reason, letter.detail, letter.user_id or letter.item_id) == (
        "odd",
        "a" * 300,
        "eve",
    )
    assert read_undecoded(b"\x1eundecoded odd %b -\x1e" % (b"a" * 9_000)) is None


def test_the_user_that_a_mapping_has_read_is_kept() -> None:
    record = Undecoded(b'{"who": "bob"}', "unknown_action", "scroll", "bob & co")
    assert letter_of(undecoded_line(record)) == DeadLetter(
        b'{"who": "bob"}', "unknown_action", "scroll", "bob & co"
    )


@pytest.mark.parametrize("reason", ["not_utf8", "not_json", "bad_time", "x" * 40])
def test_a_line_is_read_back_whatever_its_reason(reason: str) -> None:
    record = Undecoded(b"\xff{}", reason, "byte 0", "ada")
    assert read_undecoded(undecoded_line(record)) == record
    assert letter_of(undecoded_line(record)).raw == b"\xff{}"
