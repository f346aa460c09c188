"""The decode step: which lines go on as they are, and which in batches of a bucket."""

from typing import Any

import orjson
from pyflink.common import Row

from interestream.pseudonyms import Pseudonyms
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.rules import Rules
from jobs.core.user_bucket import bucket_of
from jobs.decoding.decode_settings import DecodeSettings
from jobs.operators.decode_step import EVENT_BATCHES, DecodeStep
from jobs.operators.loaded_code import LOADED
from jobs.operators.pseudonym_step import PseudonymSettings
from jobs.operators.row_kinds import PACKED_EVENTS, UNREADABLE_BUCKET, unpacked
from jobs.stream_formats import StreamFormat
from tests.fakes.keyed_context import FakeMetrics

RULES = Rules(frozenset(DEFAULT_ACTIONS))
BUCKETS = 4


class Context:
    """What the step asks of Flink's runtime."""

    def __init__(self) -> None:
        self.metrics = FakeMetrics()

    def get_metrics_group(self) -> FakeMetrics:
        return self.metrics


def step_of(stream: Any, **keys: Any) -> tuple[DecodeStep, FakeMetrics]:
    settings = DecodeSettings.read(stream, StreamFormat(**keys), RULES, BUCKETS)
    step, context = DecodeStep(settings, LOADED), Context()
    step.open(context)
    return step, context.metrics


def track(user: str | None, event: str = "Product Viewed", **properties: Any) -> bytes:
    return orjson.dumps(
        {
            "messageId": f"m-{user}-{event}",
            "userId": user,
            "event": event,
            "timestamp": "2026-03-10T12:00:00Z",
            "properties": properties,
        }
    )


def test_events_go_in_batches_of_their_bucket_and_those_with_a_text_as_lines() -> None:
    step, metrics = step_of("events", mapping="segment")
    users = ["ada", "böb", "cleo", "dan", "eve"]
    viewed = [track(user, product_id="tea") for user in users]
    searched = track("ada", "Products Searched", query="green tea")
    ignored, broken = track("ada", "Page Scrolled"), track(None, product_id="tea")
    emitted = list(step.process_element(Row(0, [*viewed, searched, ignored, broken, b"{"]), None))
    batches = {row[1][0]: row[1] for row in emitted if isinstance(row, tuple)}
    assert all(row[0] is EVENT_BATCHES for row in emitted if isinstance(row, tuple))
    assert {bucket_of(user, BUCKETS) for user in users} | {UNREADABLE_BUCKET} == set(batches)
    for bucket, (_, kind, together, vectors) in batches.items():
        assert (kind, vectors) == (PACKED_EVENTS, [b""])
        lines = unpacked(kind, together)
        if bucket != UNREADABLE_BUCKET:
            found = [orjson.loads(line)["user_id"] for line in lines]
            assert found == [user for user in users if bucket_of(user, BUCKETS) == bucket]
    assert len(unpacked(PACKED_EVENTS, batches[UNREADABLE_BUCKET][2])) == 2
    (row,) = (row for row in emitted if isinstance(row, Row))
    (line,) = row[0]
    assert orjson.loads(line)["text"] == "green tea"
    counts = metrics.read()
    assert counts == {"records_in": 9, "lines": 8, "undecoded": 2, "ignored": 1, "fields": 0}


def test_items_go_on_as_lines() -> None:
    step, _ = step_of("items", envelope="debezium")
    created = orjson.dumps({"before": None, "after": {"item_id": 1, "title": "Tea"}, "op": "c"})
    (row,) = step.process_element(Row(0, [created], [b"1"]), None)
    assert row[0] == [b'{"item_id":1,"title":"Tea"}']


def test_a_batch_of_which_nothing_is_left_is_no_row() -> None:
    step, _ = step_of("events", mapping="segment")
    assert list(step.process_element(Row(0, [track("ada", "Page Scrolled")]), None)) == []


def test_with_pseudonyms_all_events_go_on_as_lines_without_a_raw_id() -> None:
    settings = DecodeSettings.read("events", StreamFormat(mapping="segment"), RULES, BUCKETS)
    pseudonyms = Pseudonyms(b"0123456789abcdef0123456789abcdef")
    step, context = DecodeStep(settings, LOADED, PseudonymSettings(pseudonyms, RULES)), Context()
    step.open(context)
    viewed = track("ada.lovelace", product_id="tea")
    broken = b'{"userId": "ada.lovelace"'
    (row,) = step.process_element(Row(0, [viewed, broken]), None)
    assert orjson.loads(row[0][0])["user_id"] == pseudonyms("ada.lovelace")
    assert b"lovelace" not in b"\n".join(row[0])
    assert len(row[0]) == 2
