"""Tables that a column mapping describes."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.datasets.amazon_beauty import AMAZON_BEAUTY
from jobs.datasets.dataset import Line, Record
from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.mapping.read_mapping import read_mapping
from jobs.mapping.tables import EventMapping, ItemMapping, TableMapping

MAPPING = """
name = "shop"

[items]
file = "goods.csv"
item_id = "sku"
title = "name"
text = "about"
categories = "tags"
separator = ";"
group_id = "model"

[events]
file = "log.ndjson"
user_id = "who"
item_id = "sku"
text = "words"
action = "what"
default_action = "view"
value = "stars"
value_factor = 0.5
session_id = "visit"
time = "at"
time_unit = "rfc3339"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "goods.csv").write_text(
        "sku,name,about,tags,model\nA1,Kettle,Boils water,home; tea,K7\n"
    )
    (tmp_path / "log.ndjson").write_bytes(
        b'{"who":"u1","sku":"A1","what":"rating","stars":9,"at":"2024-05-01T12:00:00Z"}\n'
        b'{"who":"u1","words":"green tea","what":"search","at":"2024-05-01T10:00:00+02:00"}\n'
        b"not json\n"
        b'{"who":7,"sku":"A1","visit":"s1","at":"2024-05-01T12:00:00"}\n'
    )
    return tmp_path


def _dicts(lines: list[Line]) -> list[Record]:
    return [line for line in lines if isinstance(line, dict)]


def test_a_mapping_in_the_folder_names_the_columns(shop: Path) -> None:
    dataset = open_dataset(shop)
    assert dataset.name == "shop"
    assert list(dataset.items()) == [
        {
            "item_id": "A1",
            "title": "Kettle",
            "text": "Boils water",
            "categories": ["home", "tea"],
            "group_id": "K7",
        }
    ]
    first, _, second = _dicts(list(dataset.events()))
    del first["event_id"], second["event_id"]
    assert first == {
        "user_id": "u1",
        "action": "search",
        "event_time": 1_714_550_400_000,
        "text": "green tea",
    }
    assert second == {
        "user_id": "u1",
        "action": "rating",
        "event_time": 1_714_564_800_000,
        "item_id": "A1",
        "value": 4.5,
    }


def test_a_line_that_is_no_json_stays_behind_the_line_before_it_as_raw_bytes(shop: Path) -> None:
    dataset = open_dataset(shop)
    events = list(dataset.events())
    assert events[1] == b"not json"
    assert dataset.events_read.broken == 2


def test_a_time_without_offset_is_passed_on_as_it_stands(shop: Path) -> None:
    last = next(
        event for event in _dicts(list(open_dataset(shop).events())) if "session_id" in event
    )
    assert last["event_time"] == "2024-05-01T12:00:00"
    assert last["session_id"] == "s1"
    assert last["user_id"] == 7
    assert last["action"] == "view"


def test_file_order_hands_events_out_as_they_stand(shop: Path) -> None:
    mapping = read_mapping(shop / "mapping.toml")
    (events,) = mapping.events
    kept = replace(mapping, events=(replace(events, order="file"),))
    assert _dicts(list(open_dataset(shop, kept).events()))[0]["action"] == "rating"


def test_derived_ids_are_the_same_at_every_pass_and_tell_equal_rows_apart(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,title\n1,One\n")
    (tmp_path / "events.csv").write_text("user,item,at\nu,1,1500\nu,1,1500\n")
    mapping = TableMapping(
        "twice",
        ItemMapping(file="items.csv", item_id="id", title="title"),
        (
            EventMapping(
                file="events.csv",
                user_id="user",
                item_id="item",
                time="at",
                time_unit="ms",
                default_action="view",
            ),
        ),
    )
    passes = [
        [event["event_id"] for event in _dicts(list(open_dataset(tmp_path, mapping).events()))]
        for _ in range(2)
    ]
    assert passes[0] == passes[1]
    assert len(set(passes[0])) == 2


def test_beauty_titles_lose_their_html_and_packed_rows_are_not_counted(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "items.csv.gz", "wt") as file:
        file.write('item,title\n100,"Soap &amp; Cr&egrave;me, 4 oz"\n')
    with gzip.open(tmp_path / "events.csv.gz", "wt") as file:
        file.write("user,item,timestamp,user_seq\n7,100,1023840000,0\n")
    dataset = open_dataset(tmp_path)
    assert dataset.name == AMAZON_BEAUTY.name
    assert (dataset.item_rows, dataset.event_rows) == (None, None)
    assert list(dataset.items()) == [{"item_id": "100", "title": "Soap & Crème, 4 oz"}]
    (event,) = _dicts(list(dataset.events()))
    assert (event["action"], event["event_time"]) == ("purchase", 1_023_840_000_000)


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (("sku", "stock"), "stock"),
        (("[items]", "[items]\ncolour = 'c'"), "items.colour"),
        (('name = "shop"', 'title = "shop"'), "title"),
        (('user_id = "who"', ""), "events.user_id"),
        (("value_factor = 0.5", 'value_factor = "half"'), "value_factor"),
        (('"rfc3339"', '"minutes"'), "time_unit"),
        (('default_action = "view"', 'default_action = ["view"]'), "default_action"),
        (("[events]", "[events"), "mapping.toml"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_key_that_is_wrong(
    shop: Path, edit: tuple[str, str], named: str
) -> None:
    (shop / "mapping.toml").write_text(MAPPING.replace(*edit))
    with pytest.raises(MappingError, match=named):
        open_dataset(shop)


def test_a_torn_archive_is_reported_with_its_name(tmp_path: Path) -> None:
    whole = gzip.compress(b"item,title\n" + b"".join(b"%d,Soap\n" % n for n in range(5000)))
    (tmp_path / "items.csv.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(b"user,item,timestamp\n1,2,3\n"))
    with pytest.raises(DatasetFileError, match=r"items\.csv\.gz"):
        list(open_dataset(tmp_path).items())


def shop_files(folder: Path, items: bytes, keys: str = "", name: str = "items.csv") -> Path:
    """A folder with the items and one event; `keys` are keys of the items' file."""
    (folder / name).write_bytes(items)
    (folder / "log.csv").write_text("user,item,at\nu,1,1700000000\n")
    (folder / "mapping.toml").write_text(
        f"[items]\nfile = '{name}'\nitem_id = 'id'\ntitle = 'title'\n{keys}\n"
        "[events]\nfile = 'log.csv'\nuser_id = 'user'\nitem_id = 'item'\ntime = 'at'\n"
        "default_action = 'view'\n"
    )
    return folder


def test_text_that_is_not_utf_8_is_refused_and_read_in_its_encoding(tmp_path: Path) -> None:
    content = "id,title\n1,Café\n".encode("latin-1")
    with pytest.raises(DatasetFileError, match="is not UTF-8: line 2"):
        open_dataset(shop_files(tmp_path, content))
    (item,) = open_dataset(shop_files(tmp_path, content, "encoding = 'latin-1'")).items()
    assert item == {"item_id": "1", "title": "Café"}


def test_rows_that_cannot_be_read_are_counted_by_reason_with_the_first_place(
    tmp_path: Path,
) -> None:
    dataset = open_dataset(shop_files(tmp_path, b"id,title\n1,One\n2\n3,Three,x\n4\n"))
    assert list(dataset.items()) == [{"item_id": "1", "title": "One"}, b"2", b"3,Three,x", b"4"]
    assert dataset.items_read.reasons == {"too few cells": 2, "too many cells": 1}
    assert dataset.items_read.first["too few cells"] == "items.csv, line 3"
    assert (dataset.items_read.rows, dataset.items_read.broken) == (4, 3)


def test_what_was_found_and_not_said_is_noted(tmp_path: Path) -> None:
    content = b'id;title\n1;One\n2;"Two" too\n'
    (first, second) = open_dataset(shop_files(tmp_path, content)).notes
    assert first == "the cells of items.csv are separated by ';'"
    assert second.startswith("items.csv, line 3: text behind a closing quote")
    lines = b'{"id": "1", "title": "One"}\n{"id": "2", "title": "Two"}\n'
    json = open_dataset(shop_files(tmp_path, lines, name="items.json"))
    assert json.notes == ("items.json is read as JSON lines, by its content",)
    assert json.item_rows == 2
    assert open_dataset(shop_files(tmp_path, lines, name="items.jsonl")).notes == ()


def test_a_cell_that_may_have_swallowed_a_row_is_noted_where_quotes_were_not_said(
    tmp_path: Path,
) -> None:
    content = b'id,title,n\n1,"One,1\n2,Two,2\n3,Three",3\n4,"a\nb",4\n'
    (note,) = open_dataset(shop_files(tmp_path, content)).notes
    assert note.startswith("line 2 of items.csv begins a cell of several lines")
    assert open_dataset(shop_files(tmp_path, content, "quote = '\"'")).notes == ()
    assert open_dataset(shop_files(tmp_path, b'id,title,n\n4,"a\nb",4\n')).notes == ()


@pytest.mark.parametrize(
    ("content", "keys", "told"),
    [
        (b"1,One\n2,Two\n", "", r"no column 'id' .* columns = \["),
        (b"", "", r"items\.csv is empty"),
        (b"id,title\n", "format = 'xml'", "items.format cannot be 'xml'; use csv, tsv, jsonl"),
        (b"id,title\n", "delimiter = ''", "items.delimiter cannot be ''; use characters"),
        (b"id,title\n", "quote = 'ab'", "items.quote cannot be 'ab'"),
        (b"id,title\n", "escape = ''", "items.escape cannot be ''"),
        (b"id,title\n", "header = 'no'", "items.header cannot be 'no'; use true or false"),
        (b"id,title\n", "columns = ['a', 'a']", "items.columns cannot be"),
        (b"id,title\n", "encoding = 'latin'", None),
        (b"id,title\n", "encoding = 'klingon'", "items.encoding cannot be 'klingon'; use a name"),
        (b"id,title\n", "delimiter = ';'\nquote = ';'", "must differ"),
        (b'{"id": 1}\n', "format = 'jsonl'\nheader = true", "header is for csv and tsv"),
        (b'{"sku": 1, "title": "x"}\n', "format = 'jsonl'", "no field 'id' .* they have sku"),
    ],
)
def test_a_file_or_key_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, keys: str, told: str | None
) -> None:
    folder = shop_files(tmp_path, content, keys)
    if told is None:
        assert list(open_dataset(folder).items()) == []
        return
    with pytest.raises((MappingError, DatasetFileError), match=told) as error:
        open_dataset(folder)
    assert "\n" not in str(error.value)


def test_every_file_of_a_pattern_must_have_the_columns(tmp_path: Path) -> None:
    folder = shop_files(tmp_path, b"", name="items_*.csv")
    (tmp_path / "items_*.csv").unlink()
    (tmp_path / "items_1.csv").write_text("id,title\n1,One\n")
    (tmp_path / "items_2.csv").write_text("title,id,price\nTwo,2,4.5\n")
    dataset = open_dataset(folder)
    assert list(dataset.items()) == [
        {"item_id": "1", "title": "One"},
        {"item_id": "2", "title": "Two"},
    ]
    assert dataset.item_rows == 2
    (note,) = dataset.notes
    assert note == "2 files fit items_*.csv, and are read by name: items_1.csv, items_2.csv"
    (tmp_path / "items_3.csv").write_text("id,name\n3,Three\n")
    with pytest.raises(MappingError, match=r"items_3\.csv has no column 'title'"):
        open_dataset(folder)


def test_a_parquet_file_is_a_table_like_any_other(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"id": [1, 2], "title": ["One", None]}), tmp_path / "goods")
    content = (tmp_path / "goods").read_bytes()
    dataset = open_dataset(shop_files(tmp_path, content, name="items.parquet"))
    assert list(dataset.items()) == [{"item_id": 1, "title": "One"}, {"item_id": 2}]
    assert (dataset.item_rows, dataset.items_read.broken, dataset.notes) == (2, 1, ())
    (tmp_path / "mapping.toml").write_text(
        (tmp_path / "mapping.toml").read_text().replace("'title'", "'name'")
    )
    with pytest.raises(MappingError, match=r"no column 'name' \(for title\); it has id, title$"):
        open_dataset(tmp_path)


def test_a_mapping_without_a_file_is_for_streams_alone(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text("[items]\nitem_id = 'id'\ntitle = 'name'\n")
    with pytest.raises(MappingError, match=r"'items\.file' is missing, which a stream alone"):
        open_dataset(tmp_path)
