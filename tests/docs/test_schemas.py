"""The schemas of records say what the parser says."""

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Config
from jobs.core.parsing.parse_control import COMMANDS, DELETE_ITEM, parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from tests.docs.test_links import ROOT

FOLDER = ROOT / "docs" / "schemas"
SCHEMAS = {
    name: orjson.loads((FOLDER / f"{name}.schema.json").read_bytes())
    for name in ("event", "item", "command")
}
RULES = Rules.of(Config().limits, frozenset(DEFAULT_ACTIONS))
NOW_MS = 1_772_366_400_000
BEYOND = {"bad_time", "time_out_of_bounds", "unknown_action", "too_large", "bad_merge"}
"""Reasons that a schema does not know in full: days that do not exist, the clock, the actions of a
configuration, the bytes of a line, and whether two fields are the same."""

every_schema = pytest.mark.parametrize("name", SCHEMAS)


def rejection(name: str, record: Any) -> str | None:
    """The parser's reason against a record; None for one that is accepted."""
    line = orjson.dumps(record)
    if name == "event":
        dead = parse_events([line], RULES, NOW_MS).dead
    elif name == "item":
        dead = parse_items([line], RULES).dead
    else:
        dead = parse_control([line], RULES).dead
    return dead[0].reason if dead else None


IDS = st.sampled_from(["ada", "", 7, -1, 2**63 - 1, 2**64 - 1, "x" * 256, "x" * 257, "\0", "ß"])
TEXTS = st.sampled_from(["", "a text", "é" * 8192, "é" * 8193, "a\0b", "\n"])
DATES = st.sampled_from(
    [
        "2026-02-28T12:00:00Z",
        "2026-02-28 12:00:00.123456789+05:30",
        "2026-02-28t12:00:00z",
        "2026-02-28T12:00:00",
        "2026-02-28",
        "2026-02-30T12:00:00Z",
        "1989-12-31T23:59:59Z",
        "2026-02-28T12:00Z",
        "2026-02-28T12:00:00+00:75",
        "2026-02-28T12:00:00Z\n",
        "٢٠٢٦-02-28T12:00:00Z",
        "",
    ]
)
MILLISECONDS = st.sampled_from(
    [0, 631_151_999_999, 631_152_000_000, NOW_MS, -62_135_596_800_001, 253_402_300_800_000]
)
ANYTHING = st.recursive(
    # An integer with a fraction is one to a schema, and none to the parser.
    st.none() | st.booleans() | st.sampled_from([0.5, 1e-300, 3]) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k") | TEXTS, inner),
    max_leaves=4,
)
FIELDS = {
    "event": {
        "event_id": IDS,
        "user_id": IDS,
        "action": st.sampled_from(["like", "rating", "", "search"]),
        "event_time": DATES | MILLISECONDS,
        "item_id": IDS,
        "text": TEXTS,
        "value": st.sampled_from([0, 4.5, -1, 1e300]),
        "session_id": ANYTHING,
        "context": ANYTHING,
        "more": ANYTHING,
    },
    "item": {
        "item_id": IDS,
        "title": TEXTS,
        "text": TEXTS,
        "categories": st.lists(st.sampled_from(["", "drama", "x" * 256, "x" * 257]), max_size=2),
        "language": TEXTS,
        "published_at": DATES | MILLISECONDS,
        "updated_at": DATES | MILLISECONDS,
        "available": st.booleans(),
        "attributes": st.dictionaries(st.sampled_from(["price", "a\0"]), ANYTHING, max_size=2),
        "group_id": IDS,
        "more": ANYTHING,
    },
    "command": {
        "user_id": IDS,
        "item_id": IDS,
        "command": st.sampled_from(
            ["forget", "opt_out", "opt_in", "merge", "delete_item", "delete", ""]
        ),
        "into": IDS,
        "more": ANYTHING,
    },
}


def records(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Records that begin as a valid one, in which some fields are missing or are another value."""
    changes = {field: value | ANYTHING for field, value in FIELDS[name].items()}
    return st.tuples(
        st.sampled_from(SCHEMAS[name]["examples"]),
        st.fixed_dictionaries({}, optional=changes),
        st.sets(st.sampled_from(sorted(FIELDS[name])), max_size=1),
    ).map(
        lambda parts: {
            key: value for key, value in {**parts[0], **parts[1]}.items() if key not in parts[2]
        }
    )


@every_schema
@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_a_schema_accepts_what_the_parser_accepts(name: str, data: st.DataObject) -> None:
    record = data.draw(records(name))
    reason = rejection(name, record)
    if reason in BEYOND:
        return
    assert Draft7Validator(SCHEMAS[name]).is_valid(record) is (reason is None), reason


@pytest.mark.parametrize(
    ("given_time", "is_one"),
    [
        ("2026-02-28T12:00:00Z", True),
        ("2026-02-28t12:00:00z", True),
        ("2026-02-28 12:00:00.123456789+05:30", True),
        ("2026-02-28T12:00:00", False),
        ("2026-02-28", False),
        ("2026-02-28T12:00Z", False),
        ("2026-02-28T12:00:00+00:75", False),
        ("٢٠٢٦-02-28T12:00:00Z", False),
        (631_152_000_000, True),
        (631_151_999_999, False),
    ],
)
def test_times_have_one_form(given_time: str | int, is_one: bool) -> None:
    record = {**SCHEMAS["event"]["examples"][0], "event_time": given_time}
    assert Draft7Validator(SCHEMAS["event"]).is_valid(record) is is_one
    assert (rejection("event", record) is None) is is_one


@every_schema
def test_examples_are_accepted_by_both(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name])
    for example in SCHEMAS[name]["examples"]:
        Draft7Validator(SCHEMAS[name]).validate(example)
        assert rejection(name, example) is None


@every_schema
def test_a_schema_names_the_fields_that_the_test_changes(name: str) -> None:
    assert {*SCHEMAS[name]["properties"], "more"} == set(FIELDS[name])


def test_names_are_those_of_the_configuration() -> None:
    assert SCHEMAS["event"]["properties"]["action"]["examples"] == list(DEFAULT_ACTIONS)
    assert set(SCHEMAS["command"]["properties"]["command"]["enum"]) == COMMANDS
    of_items, of_users = SCHEMAS["command"]["anyOf"]
    assert of_items["properties"]["command"]["const"] == DELETE_ITEM
    assert {*of_users["properties"]["command"]["enum"], DELETE_ITEM} == COMMANDS


def test_the_streams_have_the_schemas_of_their_records() -> None:
    streams = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())

    def resolved(reference: str) -> Any:
        found = streams
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return found

    payloads = {}
    for operation in streams["operations"].values():
        channel = resolved(operation["channel"]["$ref"])
        (message,) = operation["messages"]
        payload = resolved(resolved(message["$ref"])["$ref"])["payload"]
        payloads[channel["address"]] = payload["schema"]["$ref"]
        assert SCHEMAS["event"]["$schema"].endswith("draft-07/schema#")
        assert payload["schemaFormat"] == "application/schema+json;version=draft-07"
    kafka = Config().sources.kafka
    assert payloads == {
        kafka.events: "event.schema.json",
        kafka.items: "item.schema.json",
        kafka.control: "command.schema.json",
    }
    assert all((FOLDER / file).is_file() for file in payloads.values())
