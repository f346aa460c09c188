"""Items of another shape become lines of the contract, and what is left out is counted."""

from typing import Any

import orjson

from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import Undecoded, read_undecoded
from jobs.decoding.mapped_items import MappedItems
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.tables import ItemMapping

RULES = Rules(frozenset())
LOG = ItemMapping(item_id="items[].id", title="items[].name", published_at="items[].day")


def test_rows_of_a_log_that_name_no_item_or_say_nothing_new_are_counted() -> None:
    mapped, counts = MappedItems(LOG, judge_of("items", RULES)), StreamCounts()
    mug, tea = {"id": "mug", "name": "Mug"}, {"id": "tea", "name": "Tea", "day": "soon"}
    rows: list[dict[str, Any]] = [
        {"page": "/"},
        {"items": [mug, {"name": "?"}]},
        {"items": [mug, tea]},
        {"items": []},
    ]
    lines = mapped(rows, [orjson.dumps(row) for row in rows], counts)
    assert [orjson.loads(line)["item_id"] for line in lines] == ["mug", "tea"]
    # Two rows and an element without an item, and the mug again; the day of the tea.
    assert (counts.ignored, counts.fields, counts.undecoded) == (4, 1, 0)


def test_the_dead_letter_of_a_record_is_there_for_each_of_its_items() -> None:
    mapped, counts = MappedItems(LOG, judge_of("items", RULES)), StreamCounts()
    row = {"items": [{"id": "mug"}, {"id": "tea", "name": "Tea"}, {"id": "hat", "name": {}}]}
    raw = orjson.dumps(row)
    good, *dead = mapped([row], [raw], counts)
    assert orjson.loads(good) == {"item_id": "tea", "title": "Tea"}
    assert [read_undecoded(line) for line in dead] == [
        Undecoded(raw, "missing_field", "title", "mug"),
        Undecoded(raw, "wrong_type", "title is a dict", "hat"),
    ]
    assert counts.undecoded == 2
