"""What people's files did: exports that grow, several files, local times, prices with commas."""

from pathlib import Path
from typing import Any

import pytest

from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.mapping.read_mapping import mapping_of

ITEMS = '[items]\nfile = "items.csv"\nitem_id = "id"\ntitle = "title"\n'


def shop(folder: Path, mapping: str, **files: str) -> Dataset:
    (folder / "shop.toml").write_text(mapping)
    (folder / "items.csv").write_text("id,title\n1,One\n")
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text)
    return open_dataset(folder, folder / "shop.toml")


def records(lines: Any) -> list[dict[str, Any]]:
    found: list[Line] = list(lines)
    return [line for line in found if isinstance(line, dict)]


EXPORT = """
[events]
file = "events.csv"
user_id = "user"
item_id = "item"
action = "what"
time = "at"
"""


def test_a_nightly_export_with_the_newest_row_on_top_counts_each_row_once(tmp_path: Path) -> None:
    rows = "gru,gr2,purchase,1735700100\ngru,gr1,purchase,1735700000\n"
    head = "user,item,what,at\n"
    first = {
        e["event_id"] for e in records(shop(tmp_path, EXPORT, events_csv=head + rows).events())
    }
    grown = f"{head}gru,gr3,purchase,1735700200\n{rows}"
    second = {e["event_id"] for e in records(shop(tmp_path, EXPORT, events_csv=grown).events())}
    assert len(first | second) == 3


def test_blanks_around_an_id_are_no_part_of_it(tmp_path: Path) -> None:
    events = "user,item,what,at\n u1 , 1,view,1735700100\nu1,1\t,view,1735700200\n"
    data = shop(tmp_path, f"{ITEMS}{EXPORT}", events_csv=events)
    (item,) = records(data.items())
    found = records(data.events())
    assert [(event["user_id"], event["item_id"]) for event in found] == [
        ("u1", item["item_id"])
    ] * 2


def test_local_times_are_in_where_the_zone_is_named(tmp_path: Path) -> None:
    head = "user,item,what,at\nu1,101,like,2022-06-24 21:20:11\n"
    unit = f'{EXPORT}time_unit = "rfc3339"\n'
    with pytest.raises(MappingError, match=r"has no offset: name its zone in events\.time_zone"):
        shop(tmp_path, unit, events_csv=head)
    dataset = shop(tmp_path, f'{unit}time_zone = "America/New_York"\n', events_csv=head)
    # Daylight time: 2022-06-25 01:20:11 UTC, 19,168 days since 1970.
    expected = (19_168 * 86_400 + 1 * 3600 + 20 * 60 + 11) * 1000
    assert [event["event_time"] for event in records(dataset.events())] == [expected]


def test_a_unit_that_is_plainly_wrong_is_refused_before_anything_is_fed(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"events\.csv: .*looks like milliseconds"):
        shop(tmp_path, EXPORT, events_csv="user,item,what,at\nu,1,view,1735700100000\n")


def test_several_files_are_one_table(tmp_path: Path) -> None:
    mapping = EXPORT.replace('"events.csv"', '"events_*.csv"')
    (tmp_path / "events_2.csv").write_text("user,item,what,at\nu,2,view,1735700001\n")
    (tmp_path / "events_1.csv").write_text("user,item,what,at\nu,1,view,1735700000\n")
    dataset = shop(tmp_path, mapping)
    assert [event["item_id"] for event in records(dataset.events())] == ["1", "2"]
    assert dataset.event_rows == 2
    with pytest.raises(DatasetFileError, match=r"log_\*\.csv"):
        shop(tmp_path, EXPORT.replace('"events.csv"', '"log_*.csv"'))


def test_several_tables_of_events_are_one_stream_in_the_order_of_time(tmp_path: Path) -> None:
    mapping = f"""{ITEMS}
[[events]]
file = "ratings.csv"
user_id = "u"
item_id = "i"
time = "t"
default_action = "rating"
value = {{ column = "r", decimal = "," }}
[[events]]
file = "tags.csv"
user_id = "u"
item_id = "i"
time = "t"
default_action = "comment"
text = "tag"
"""
    dataset = shop(
        tmp_path,
        mapping,
        ratings_csv='u,i,t,r\na,1,1735700000,"4,5"\na,1,1735700002,"3,0"\n',
        tags_csv="u,i,t,tag\na,1,1735700001,good\n",
    )
    found = records(dataset.events())
    assert [event["action"] for event in found] == ["rating", "comment", "rating"]
    assert found[0]["value"] == 4.5
    assert dataset.event_rows == 3


def test_what_a_mapping_leaves_out_is_said(tmp_path: Path) -> None:
    mapping = f'{ITEMS}variants = true\n{EXPORT}[events.actions]\nscroll = "_ignore"\n'
    dataset = shop(
        tmp_path,
        mapping,
        events_csv="user,item,what,at\nu,1,view,1735700000\nu,,scroll,1735700001\n",
    )
    (tmp_path / "items.csv").write_text("id,title\n1,One\n1,\n1,\n")
    assert len(records(dataset.items())) == len(records(dataset.events())) == 1
    assert dataset.left_out() == (
        "2 rows of further variants of products; left out: 1 event by their action (scroll 1)"
    )
    assert dataset.event_rows is None


def test_passes_that_overlap_give_the_same_records(tmp_path: Path) -> None:
    rows = "".join("u,1,view,1735700000\n" for _ in range(3))
    mapping = f'{EXPORT}order = "file"\n'
    dataset = shop(tmp_path, mapping, events_csv=f"user,item,what,at\n{rows}")
    one, other = dataset.events(), dataset.events()
    pairs = list(zip(one, other, strict=True))
    assert all(first == second for first, second in pairs)
    assert len(pairs) == 3


def test_a_column_that_is_tried_first_may_be_missing_if_another_is_there(tmp_path: Path) -> None:
    mapping = EXPORT.replace('"user"', '{ first = ["uid", "user"] }')
    rows = "user,item,what,at\nu,1,view,1735700000\n"
    assert len(records(shop(tmp_path, mapping, events_csv=rows).events())) == 1
    mapping = EXPORT.replace('"user"', '{ first = ["uid", "who"] }')
    with pytest.raises(MappingError, match=r"no column 'uid' or 'who' .for user_id.; it has user"):
        shop(tmp_path, mapping, events_csv=rows)
    optional = f'{EXPORT}text = {{ column = "words", optional = true }}\n'
    assert len(records(shop(tmp_path, optional, events_csv=rows).events())) == 1


def test_a_mapping_of_the_package_is_used_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text(
        '{"type":"track","messageId":"m1","userId":"ada","event":"Product Viewed",'
        '"timestamp":"2015-12-12T19:11:01.249Z","properties":{"product_id":"p1","name":"Mug"}}\n'
        '{"type":"page","messageId":"m2","userId":"ada","timestamp":"2015-12-12T19:11:02Z"}\n'
    )
    dataset = open_dataset(tmp_path, Path("segment"))
    assert dataset.name == "segment"
    (event,) = records(dataset.events())
    assert (event["action"], event["item_id"], event["event_id"]) == ("view", "p1", "m1")
    assert records(dataset.items()) == [{"item_id": "p1", "title": "Mug"}]
    assert dataset.left_out() == "left out: 1 event by their action (page 1)"
    with pytest.raises(MappingError, match="'segmnt' is neither a file nor a mapping"):
        open_dataset(tmp_path, Path("segmnt"))


def test_the_mapping_of_movielens_gives_what_the_adapter_gives(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\n1,Toy Story (1995),Animation|Comedy\n2,Untitled,(no genres listed)\n"
        "3,Series (2006–2007),Drama\n4,,\n"
    )
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,0.5,964982700\n2,1,,964982701\n"
    )
    (tmp_path / "tags.csv").write_text(
        "userId,movieId,tag,timestamp\n1,1,fun,964982704\n1,1,fun,964982704\n"
    )
    adapter, mapped = open_dataset(tmp_path), open_dataset(tmp_path, Path("movielens"))
    assert records(mapped.items()) == records(adapter.items())
    found = records(mapped.events())
    assert len({event.pop("event_id") for event in found}) == 5
    expected = records(adapter.events())
    for event in expected:
        del event["event_id"]
    assert found == expected


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("log.json", '{"who": "ada", "shown": [{"id": 1}]}', 'say format = "jsonl"'),
        ("log.json", '{"data": {"rows": [{"who": "ada"}]}}', 'say format = "json"'),
    ],
)
def test_a_document_that_is_read_the_other_way_is_told_with_the_key_that_says_so(
    tmp_path: Path, name: str, text: str, advice: str
) -> None:
    (tmp_path / name).write_text(text)
    mapping = mapping_of(
        {
            "events": {
                "file": name,
                "user_id": "who",
                "item_id": "id",
                "time": "at",
                "default_action": "view",
            }
        },
        "log.toml",
        "log",
    )
    with pytest.raises(MappingError, match=advice):
        open_dataset(tmp_path, mapping)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Report of May\n\nid;title\n1;One\n", "Line 3 looks like the header"),
        ("# all goods\nid,title\n1,One\n", "Line 2 looks like the header"),
        ("1,One\n2,Two\n", r"name the columns: columns ="),
    ],
)
def test_lines_before_a_header_are_told_from_a_file_without_one(
    tmp_path: Path, text: str, hint: str
) -> None:
    (tmp_path / "shop.toml").write_text(ITEMS)
    (tmp_path / "items.csv").write_text(text)
    with pytest.raises(MappingError, match=hint):
        open_dataset(tmp_path, tmp_path / "shop.toml")
