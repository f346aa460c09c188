"""Files of the contract's records as a data set."""

import gzip
from pathlib import Path

import orjson
import pytest

from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import DatasetFileError, MappingError, UnknownDatasetError
from jobs.datasets.feed import DirectoryFeed

ALIEN = {"item_id": 1, "title": "Alien", "attributes": {"year": 1979}, "available": False}
HEAT = {"item_id": "2", "title": "Heat", "categories": ["crime"]}


def event(event_id: str, time: object, **more: object) -> dict[str, object]:
    return {
        "event_id": event_id,
        "user_id": "ada",
        "action": "view",
        "item_id": "2",
        "event_time": time,
        **more,
    }


EARLY = event("e1", "2024-05-01T12:00:00+02:00", context={"page": 3})
MIDDLE = event("e2", 1_714_561_200_000)
LATE = event("e3", "2024-05-01T12:00:00Z", value=0.5)


def write(path: Path, *lines: object) -> None:
    path.parent.mkdir(exist_ok=True)
    raw = b"".join(
        (line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines
    )
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


@pytest.mark.parametrize(
    ("items", "events"),
    [
        ("items.jsonl", "events.jsonl"),
        ("items.ndjson.gz", "events.jsonl.gz"),
        ("items-2024.ndjson", "events.part1.ndjson"),
        ("items/0001.ndjson", "events/20240501T120000Z-0001.jsonl.gz"),
    ],
)
def test_records_come_as_they_are_and_events_in_the_order_of_their_time(
    tmp_path: Path, items: str, events: str
) -> None:
    write(tmp_path / items, ALIEN, HEAT)
    write(tmp_path / events, LATE, EARLY, MIDDLE)
    dataset = open_dataset(tmp_path)
    assert list(dataset.items()) == [ALIEN, HEAT]
    assert list(dataset.events()) == [EARLY, MIDDLE, LATE]
    assert dataset.item_rows in (2, None)
    assert dataset.events_read.rows == 3
    assert dataset.unread == ""


def test_several_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path / "items-b.jsonl", HEAT)
    write(tmp_path / "items-a.jsonl", ALIEN)
    write(tmp_path / "events.jsonl", LATE)
    write(tmp_path / "events" / "2.ndjson", EARLY)
    dataset = open_dataset(tmp_path)
    assert list(dataset.items()) == [ALIEN, HEAT]
    assert list(dataset.events()) == [EARLY, LATE]
    assert dataset.event_rows == 2


def test_a_line_that_is_no_record_reaches_the_job_byte_for_byte(tmp_path: Path) -> None:
    deep = b'{"item_id":"3","title":"x","attributes":' + b'{"a":' * 300 + b"1" + b"}" * 301
    broken = [b"{", b'{"title": "\xff"}', b"[1]", b'{"a":\r1', deep]
    write(tmp_path / "items.jsonl", ALIEN, *broken, {"item_id": "9"})
    dataset = open_dataset(tmp_path)
    assert list(dataset.items()) == [ALIEN, *broken, {"item_id": "9"}]
    assert (dataset.items_read.rows, dataset.items_read.broken) == (7, 6)
    assert DirectoryFeed(tmp_path / "streams").write_items(dataset.items()) == 7
    (fed,) = (tmp_path / "streams" / "items").iterdir()
    assert fed.read_bytes().split(b"\n")[1:6] == broken


def test_empty_lines_line_ends_of_windows_and_a_byte_order_mark_are_no_records(
    tmp_path: Path,
) -> None:
    write(tmp_path / "items.jsonl", b"\xef\xbb\xbf" + orjson.dumps(HEAT) + b"\r", b"", b"  \r")
    assert list(open_dataset(tmp_path).items()) == [HEAT]


def test_one_file_is_a_data_set(tmp_path: Path) -> None:
    write(tmp_path / "events.jsonl", MIDDLE)
    write(tmp_path / "items.jsonl", HEAT)
    dataset = open_dataset(tmp_path / "events.jsonl")
    assert (list(dataset.items()), list(dataset.events())) == ([], [MIDDLE])
    assert dataset.name == "events"
    assert list(open_dataset(tmp_path / "items.jsonl").items()) == [HEAT]


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    write(tmp_path / "items" / "1.jsonl", HEAT)
    write(tmp_path / "items" / ".2.jsonl", HEAT)
    write(tmp_path / "items" / "notes.txt", b"x")
    write(tmp_path / "control" / "1.jsonl", {"user_id": "ada", "command": "forget"})
    unread = open_dataset(tmp_path).unread
    assert "control records are not read" in unread
    assert "interestream feed control" in unread
    assert "items/notes.txt" in unread


def test_files_without_a_line_are_refused_with_what_they_need(tmp_path: Path) -> None:
    write(tmp_path / "events.jsonl")
    write(tmp_path / "items.jsonl", b"")
    with pytest.raises(DatasetFileError, match="holds no record") as refused:
        open_dataset(tmp_path)
    for needed in ("items.jsonl", "title", "events.jsonl", "user_id", "event_time"):
        assert needed in str(refused.value)


def test_records_of_another_form_ask_for_a_mapping(tmp_path: Path) -> None:
    write(tmp_path / "events.jsonl", {"who": "ada", "what": "view"})
    with pytest.raises(MappingError, match=r"none of the fields event_id.*'who'.*--mapping"):
        open_dataset(tmp_path)


def test_a_file_that_ends_too_early_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(orjson.dumps({**HEAT, "text": str(n)}) for n in range(9_000)))
    (tmp_path / "items.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetFileError, match=r"cannot read .*items\.jsonl\.gz"):
        list(open_dataset(tmp_path).items())


def test_a_folder_of_control_records_alone_is_no_data_set(tmp_path: Path) -> None:
    write(tmp_path / "control.jsonl", {"user_id": "ada", "command": "forget"})
    with pytest.raises(UnknownDatasetError, match=r"items\.jsonl, events\.jsonl"):
        open_dataset(tmp_path)


def test_records_may_be_packed_with_zstandard(tmp_path: Path) -> None:
    import zstandard

    lines = b'{"item_id": "1", "title": "One"}\n' * 2
    (tmp_path / "items.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines))
    dataset = open_dataset(tmp_path)
    assert list(dataset.items()) == [{"item_id": "1", "title": "One"}] * 2
    assert dataset.item_rows is None


def test_ids_of_records_that_look_like_no_value_are_told(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text('{"item_id":"nan","title":"Mug"}\n' * 2)
    found = open_dataset(tmp_path)
    assert found.left_out() == ""
    assert len(list(found.items())) == 2
    assert found.left_out() == ("items.item_id is the text 'nan' in 2 rows: it counts as any other")
    assert found.left_out_counts() == {"items": {"like_absent": {"item_id": {"nan": 2}}}}
