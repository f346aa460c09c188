"""Events of another shape become lines of the contract, at once or one by one."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import Undecoded, read_undecoded
from jobs.decoding.line_users import user_of_line
from jobs.decoding.mapped_events import MappedEvents
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.tables import EventMapping

RULES = Rules(frozenset(DEFAULT_ACTIONS), max_line_bytes=2_000)
NOON_US = 1_773_144_000_000_000
MAPPING = EventMapping(
    event_id="id",
    user_id={"first": ["who.account", "visitor"]},
    item_id="lines[].sku",
    text="said",
    value={"column": "stars", "decimal": ","},
    action="what",
    actions={"looked": "view", "liked": "like", "scrolled": "_ignore", "odd": "odd"},
    time="at",
    time_unit="us",
)


FLAT = EventMapping(
    event_id="id",
    user_id="visitor",
    item_id="sku",
    text="said",
    value="stars",
    action="what",
    actions={"looked": "view", "liked": "like", "odd": "odd"},
    time="at",
    time_unit="us",
)
_IDS = st.one_of(st.text(max_size=5), st.integers(-(2**63), 2**64 - 1), st.floats(), st.none())
_FLAT_ROWS = st.fixed_dictionaries(
    {
        "id": st.one_of(st.text(min_size=1, max_size=5), _IDS),
        "visitor": st.one_of(st.just("ada"), st.just("böb"), st.just('c"d'), _IDS),
        "sku": st.one_of(st.just("tea"), st.just(7), _IDS),
        "what": st.sampled_from(["looked", "liked", "looked", "liked", "odd", None]),
        "at": st.sampled_from([NOON_US, NOON_US, NOON_US + 1_000, 1, None, "soon"]),
    },
    optional={
        "said": st.one_of(st.none(), st.text(max_size=5), st.just("x" * 300), st.just(7)),
        "stars": st.one_of(st.none(), st.integers(-9, 9), st.floats(), st.just("3.5")),
    },
)


def row(**fields: Any) -> dict[str, Any]:
    made = {
        "id": "e1",
        "visitor": "ada",
        "what": "looked",
        "at": NOON_US,
        "lines": [{"sku": "tea"}],
        **fields,
    }
    return {name: found for name, found in made.items() if found is not None}


def lines_of(*rows: dict[str, Any], mapping: EventMapping = MAPPING) -> list[Any]:
    """What rows become: records of the contract, and records that are not accepted."""
    mapped = MappedEvents(mapping, RULES, judge_of("events", RULES))
    raw = [orjson.dumps(one) for one in rows]
    return [
        read_undecoded(line) or orjson.loads(line) for line in mapped(rows, raw, StreamCounts())
    ]


def test_each_element_of_a_list_is_an_event_with_an_id_of_its_own() -> None:
    first, second = lines_of(row(lines=[{"sku": "tea"}, {"sku": 7}], stars="3,5"))
    assert first == {
        "event_id": "e1",
        "user_id": "ada",
        "action": "view",
        "event_time": 1_773_144_000_000,
        "item_id": "tea",
        "value": 3.5,
    }
    assert (second["event_id"], second["item_id"]) == ("e1-2", 7)


def test_a_record_that_is_not_accepted_costs_no_other_and_keeps_its_own_bytes() -> None:
    nobody = row(visitor=None)
    unknown = row(id="e3", what="odd")
    early = row(id="e4", at=1)
    found = lines_of(row(), nobody, unknown, early, row(id="e5"))
    assert [one["event_id"] for one in found if isinstance(one, dict)] == ["e1", "e5"]
    assert found[1:4] == [
        Undecoded(orjson.dumps(nobody), "missing_field", "user_id"),
        Undecoded(orjson.dumps(unknown), "unknown_action", "odd", "ada"),
        Undecoded(orjson.dumps(early), "time_out_of_bounds", "0", "ada"),
    ]


def test_a_record_with_broken_elements_is_one_dead_letter_and_loses_no_good_one() -> None:
    record = row(lines=[{"sku": True}, {"sku": "tea"}, {"sku": 1.5}, 7])
    good, dead = lines_of(record)
    assert (good["event_id"], good["item_id"]) == ("e1-2", "tea")
    assert dead == Undecoded(orjson.dumps(record), "wrong_type", "item_id is a bool", "ada")


def test_the_dead_letter_of_a_record_is_there_for_each_of_its_users() -> None:
    of_lines = EventMapping(
        **{**vars(MAPPING), "user_id": {"first": ["lines[].who", "visitor"]}, "text": None}
    )
    people = [{"who": "ada"}, {"who": 1.5}, {"who": "bob"}, {"who": "ada"}]
    found = lines_of(row(visitor=None, lines=people), mapping=of_lines)
    assert [(one.reason, one.owner_id) for one in found] == [
        ("missing_target", "ada"),
        ("missing_target", "bob"),
    ]
    crowd = [{"who": f"u{number}"} for number in range(5_000)]
    assert len(lines_of(row(visitor=None, lines=crowd), mapping=of_lines)) == 100


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"visitor": {"id": 7}}, "wrong_type"),
        ({"visitor": "x" * 257}, "too_long"),
        ({"visitor": "a\0b"}, "null_character"),
        ({"id": [1]}, "wrong_type"),
        ({"lines": [{"sku": True}]}, "wrong_type"),
        ({"said": {"text": "x"}}, "wrong_type"),
        ({"at": "soon"}, "bad_time"),
        ({"stars": "many"}, "bad_value"),
        ({"lines": None}, "missing_target"),
        ({"what": ["looked"]}, "wrong_type"),
        ({"said": "x" * 3_000}, "too_large"),
    ],
)
def test_whatever_the_job_would_not_accept_is_found_before(
    fields: dict[str, Any], reason: str
) -> None:
    good, bad = lines_of(row(id="e0"), row(**fields))
    assert good["event_id"] == "e0"
    assert isinstance(bad, Undecoded)
    assert (bad.reason, bad.raw) == (reason, orjson.dumps(row(**fields)))


def test_a_batch_of_which_all_is_acceptable_is_mapped_at_once() -> None:
    mapped = MappedEvents(MAPPING, RULES, judge_of("events", RULES))
    rows = [row(id=f"e{n}", said="x" * n) for n in range(300)]
    found = mapped.at_once(rows, StreamCounts())
    assert found is not None
    assert len(found.lines) == 300
    assert found.users == ["ada"] * 300


@given(st.lists(_FLAT_ROWS, min_size=1, max_size=4), st.booleans())
def test_lines_of_columns_are_those_of_the_records(
    rows: list[dict[str, Any]], has_text: bool
) -> None:
    rows = orjson.loads(orjson.dumps(rows))
    mapping = FLAT if has_text else EventMapping(**{**vars(FLAT), "text": None, "value": None})
    mapped = MappedEvents(mapping, RULES, judge_of("events", RULES))
    columns = EventMapper(mapping, endless=True).columns_of(rows)
    found = mapped.at_once(rows, StreamCounts())
    one_by_one = [mapped([one], [orjson.dumps(one)], StreamCounts()) for one in rows]
    if found is None:
        assert any(read_undecoded(line) for lines in one_by_one for line in lines)
        return
    assert found.lines == [line for lines in one_by_one for line in lines]
    records = EventMapper(mapping, endless=True).records(columns)
    assert [orjson.loads(line) for line in found.lines] == orjson.loads(orjson.dumps(records))
    assert found.users is not None
    assert list(map(str, found.users)) == [user_of_line(line) for line in found.lines]


def test_what_the_mapping_leaves_out_is_counted_and_has_no_line() -> None:
    mapped = MappedEvents(MAPPING, RULES, judge_of("events", RULES))
    counts = StreamCounts()
    rows = [row(what="scrolled"), row()]
    assert len(mapped(rows, [b"", b""], counts)) == 1
    assert (counts.ignored, counts.undecoded) == (1, 0)
    # Also in a batch that is mapped one by one.
    assert len(mapped([*rows, row(at=None)], [b"", b"", b"raw"], counts)) == 2
    assert (counts.ignored, counts.undecoded) == (2, 1)


def test_events_without_an_id_are_equal_wherever_they_come() -> None:
    without = row(id=None)
    first, again, other = lines_of(without, without, row(id=None, visitor="bob"))
    assert first["event_id"] == again["event_id"] != other["event_id"]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"carry_down": {"by": "id", "columns": ["at"]}}, "events.carry_down"),
        ({"event_id": {"column": "id", "count_repeats": True}}, "events.event_id.count_repeats"),
    ],
)
def test_what_needs_the_rows_before_is_refused(mapping: dict[str, Any], named: str) -> None:
    given_keys = {**vars(MAPPING), **mapping}
    with pytest.raises(MappingError, match=f"{named} needs the rows before"):
        MappedEvents(EventMapping(**given_keys), RULES, judge_of("events", RULES))


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", " ", "ada", "looked", "liked", "scrolled", "odd", "4,5", "x" * 300, "a\0"]
    ),
    st.just(NOON_US),
    st.lists(
        st.fixed_dictionaries({"sku": st.sampled_from(["tea", 7, None, "", 1.5])}), max_size=3
    ),
    st.just({"account": "bob"}),
)
_ROWS = st.lists(
    st.one_of(
        st.builds(row),
        st.dictionaries(
            st.sampled_from(["id", "visitor", "who", "what", "at", "lines", "said", "stars"]),
            _VALUES,
        ).map(lambda fields: row(**fields)),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(_ROWS)
def test_at_once_and_one_by_one_give_the_same_lines(rows: list[dict[str, Any]]) -> None:
    raw = [orjson.dumps(one) for one in rows]
    mapped = MappedEvents(MAPPING, RULES, judge_of("events", RULES))
    together, alone = StreamCounts(), StreamCounts()
    lines = mapped(rows, raw, together)
    single = [
        line
        for one, record in zip(rows, raw, strict=True)
        for line in mapped([one], [record], alone)
    ]
    assert lines == single
    assert together == alone
    # Nothing dies later, when its own bytes are no longer known.
    dead = judge_of("events", RULES)(lines)
    assert {letter.raw for letter in dead} <= set(raw)
    assert len(dead) == together.undecoded
