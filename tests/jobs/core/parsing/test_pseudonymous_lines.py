"""What goes on in the place of a line has no raw id, and is judged as the line itself."""

import time
from typing import Any, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.parsing.cut_lines import kept_bytes
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.pseudonymous_lines import NOT_KEPT, PseudonymousLines
from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from tests.builders import NOON_MS, RULES, command_line, event_line

RAW = "ada.lovelace"


def pseudonym(user_id: str) -> str:
    return f"p{sum(user_id.encode()):06d}"


EVENTS = PseudonymousLines("events", RULES, pseudonym, pseudonym)
CONTROL = PseudonymousLines("control", RULES, pseudonym, pseudonym)


def dead(stream: Literal["events", "control"], line: bytes) -> DeadLetter:
    (letter,) = judge_of(stream, RULES)([line])
    return letter


def test_an_event_keeps_all_that_counts_and_loses_what_may_name_the_person() -> None:
    line = event_line(
        "e-1",
        user_id=RAW,
        action="review",
        text="Ça va",
        value=4.5,
        session_id=f"{RAW}-1",
        context={"mail": RAW},
        user_name=RAW,
    )
    replaced = EVENTS(line)
    assert RAW.encode() not in replaced
    before, after = (parse_events([each], RULES, NOON_MS).events for each in (line, replaced))
    assert before.user_id == [RAW]
    assert after.user_id == [pseudonym(RAW)]
    assert after.event_id == [pseudonym("e-1")]
    for column in ("action", "item_id", "text"):
        assert getattr(before, column) == getattr(after, column)
    assert before.time_ms.tolist() == after.time_ms.tolist()
    assert before.value.tolist() == after.value.tolist()


def test_a_number_and_its_text_are_one_user() -> None:
    number, text = (orjson.loads(EVENTS(event_line(1, user_id=user))) for user in (7, "7"))
    assert number["user_id"] == text["user_id"] == pseudonym("7")


def test_both_users_of_a_merge_are_replaced() -> None:
    line = orjson.dumps({"user_id": RAW, "command": "merge", "into": "bob", "note": RAW})
    (command,) = parse_control([CONTROL(line)], RULES).commands
    assert (command.user_id, command.into) == (pseudonym(RAW), pseudonym("bob"))
    assert RAW.encode() not in command.line


def test_a_forget_of_whatever_into_forgets() -> None:
    line = orjson.dumps({"user_id": RAW, "command": "forget", "into": [RAW]})
    (command,) = parse_control([CONTROL(line)], RULES).commands
    assert (command.user_id, command.command) == (pseudonym(RAW), "forget")


def test_a_deletion_of_an_item_reads_no_user() -> None:
    line = orjson.dumps({"user_id": [RAW], "command": "delete_item", "item_id": "b-17"})
    assert [each.item_id for each in parse_control([CONTROL(line)], RULES).deletions] == ["b-17"]
    assert RAW.encode() not in CONTROL(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"user_id": "ada.lovelace", "action": ',
        b'["ada.lovelace"]',
        b'{"user_id": "ada.lovelace", "text": "d\xe9"}',
        event_line(1, user_id=RAW, text="a\0b"),
        event_line(1, user_id=RAW, text="x" * RULES.max_line_bytes),
        undecoded_line(Undecoded(b"ada.lovelace;view", "unreadable_row", "e.csv, line 7", RAW)),
        event_line(1, user_id=RAW)
        + b" " * (kept_bytes(RULES.max_line_bytes) - len(event_line(1, user_id=RAW)))
        + b"\n700000 %2Fdata%2Fx",
    ],
    ids=["cut", "list", "latin-1", "null", "long", "row", "cut by Java"],
)
def test_of_a_line_without_a_readable_id_only_its_reason_goes_on(line: bytes) -> None:
    before, after = dead("events", line), dead("events", EVENTS(line))
    assert after.reason == before.reason
    assert (after.raw, after.detail) == (b"", NOT_KEPT)
    assert after.user_id == (None if before.user_id is None else pseudonym(RAW))
    assert RAW.encode() not in EVENTS(line)


def test_the_id_of_an_event_may_hold_that_of_its_user() -> None:
    assert RAW.encode() not in EVENTS(event_line(f"{RAW}-1", user_id=RAW))
    too_long = event_line(RAW * 30, user_id=RAW)
    assert dead("events", EVENTS(too_long)).reason == "too_long"
    assert RAW.encode() not in EVENTS(too_long)


@pytest.mark.parametrize("user_id", [1.5, True, [RAW], {"id": RAW}, "x" * 257])
def test_an_id_that_is_none_leaves_its_reason_alone(user_id: Any) -> None:
    line = event_line(1, user_id=user_id)
    before, after = dead("events", line), dead("events", EVENTS(line))
    assert (after.reason, after.raw, after.user_id) == (before.reason, b"", None)


def test_a_broken_field_beside_a_good_id_shows_what_came() -> None:
    line = event_line("e-9", user_id=RAW, action="levitate", item_id={"of": RAW})
    after = dead("events", EVENTS(line))
    assert (after.reason, after.user_id) == (dead("events", line).reason, pseudonym(RAW))
    assert orjson.loads(after.raw)["event_id"] == pseudonym("e-9")
    assert RAW.encode() not in after.raw


def test_a_command_that_is_none_has_a_dead_letter_of_the_pseudonym() -> None:
    after = dead("control", CONTROL(command_line(RAW, "praise")))
    assert (after.reason, after.user_id) == ("unknown_action", pseudonym(RAW))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just([1]),
    st.just({"a": 1}),
)
RECORDS = st.dictionaries(
    st.sampled_from(
        ["event_id", "user_id", "action", "event_time", "item_id", "text", "value", "into", "x"]
    ),
    st.one_of(
        VALUES, st.sampled_from(["view", "forget", "merge", "delete_item"]), st.just(NOON_MS)
    ),
)


@pytest.mark.parametrize("stream", ["events", "control"])
@given(record=RECORDS)
def test_every_line_is_judged_as_before(
    stream: Literal["events", "control"], record: dict[str, Any]
) -> None:
    if stream == "control" and "action" in record:
        record = {**record, "command": record["action"]}
    try:
        line = orjson.dumps(record)
    except TypeError:
        return
    lines = PseudonymousLines(stream, RULES, pseudonym, pseudonym)
    before, after = (judge_of(stream, RULES)([each]) for each in (line, lines(line)))
    assert [each.reason for each in before] == [each.reason for each in after]


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_judged_as_before(line: bytes) -> None:
    (before,), (after,) = (
        parse_events([each], RULES, round(time.time() * 1000)).dead for each in (line, EVENTS(line))
    )
    assert before.reason == after.reason
