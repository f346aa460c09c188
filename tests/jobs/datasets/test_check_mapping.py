"""What a mapping makes of the first rows of a file, and what the job would not accept."""

from pathlib import Path

import pytest

from jobs.config import load_config
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.datasets.check_mapping import TableCheck, check_mapping
from jobs.mapping.errors import MappingError
from jobs.mapping.read_mapping import read_mapping

MAPPING = """
[items]
file = "goods.csv"
item_id = "sku"
title = "name"
[events]
file = "log*.jsonl"
event_id = "order"
user_id = "who"
item_id = "items[].sku"
action = "what"
time = "at"
time_unit = "rfc3339"
[events.actions]
bought = "purchase"
scroll = "_ignore"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.toml").write_text(MAPPING)
    (tmp_path / "goods.csv").write_text("sku,name\nA1,Kettle\nA2,\n")
    good = '{"order":1,"who":"u","what":"bought","at":"2024-05-01T12:00:00Z","items":[%s]}\n'
    (tmp_path / "log-1.jsonl").write_text(
        good % '{"sku":"A1"},{"sku":"A2"}'
        + good.replace("bought", "scroll") % '{"sku":"A1"}'
        + good.replace("bought", "danced") % '{"sku":"A1"}'
        + "no json\n"
    )
    return tmp_path


def check(shop: Path, path: Path, **more: object) -> list[TableCheck]:
    settings = load_config(None, [])
    rules = Rules.of(settings.limits, frozenset(settings.actions))
    return check_mapping(
        read_mapping(shop / "shop.toml"),
        path,
        lambda stream: judge_of(stream, rules),
        **more,  # type: ignore[arg-type]
    )


def test_every_table_of_a_folder_is_checked_with_the_jobs_own_rules(shop: Path) -> None:
    items, events = check(shop, shop)
    assert (items.table, items.rows, dict(items.dead)) == ("items", 2, {"missing_field": 1})
    assert items.shown[0].before == {"sku": "A1", "name": "Kettle"}
    assert items.shown[0].after == [{"item_id": "A1", "title": "Kettle"}]
    assert items.shown[1].dead == ["missing_field (title)"]
    assert (events.rows, events.records) == (4, 4)
    assert dict(events.dead) == {"unknown_action": 1, "unreadable_row": 1}
    assert "scroll 1" in events.left_out
    assert events.shown[1].after == []
    assert events.shown[3].before == "no json"


def test_a_file_is_read_as_the_table_whose_name_it_has_or_as_the_one_that_is_named(
    shop: Path,
) -> None:
    (events,) = check(shop, shop / "log-1.jsonl")
    assert events.table == "events"
    (shop / "goods.csv").rename(shop / "other.csv")
    (items,) = check(shop, shop / "other.csv", only="items")
    assert items.rows == 2
    with pytest.raises(MappingError, match="--table, items or events"):
        check(shop, shop / "other.csv")
    with pytest.raises(MappingError, match="no table 'queries'; it has items, events"):
        check(shop, shop, only="queries")


def test_events_that_share_an_id_are_counted(shop: Path) -> None:
    lines = (shop / "log-1.jsonl").read_text().splitlines()
    (shop / "log-1.jsonl").write_text("\n".join([lines[0]] * 2))
    (events,) = check(shop, shop / "log-1.jsonl")
    assert events.same_ids == 2


def test_only_the_first_rows_are_read_and_rows_that_fail_later_are_shown(shop: Path) -> None:
    goods = "sku,name\n" + "".join(f"A{n},{'' if n == 50 else 'Kettle'}\n" for n in range(1, 100))
    (shop / "goods.csv").write_text(goods)
    (items,) = check(shop, shop / "goods.csv", limit=60)
    assert items.rows == 60
    assert [row.number for row in items.shown] == [*range(1, 11), 50]


def test_a_row_that_cannot_be_read_is_shown_with_its_place_and_why(shop: Path) -> None:
    (shop / "goods.csv").write_text("sku;name\nA1;Kettle\nA2\n")
    (items,) = check(shop, shop / "goods.csv")
    assert items.shown[1].dead == ["unreadable_row (goods.csv, line 3: too few cells)"]
    assert items.notes == ("the cells of goods.csv are separated by ';'",)
