"""What earlier rows said of items is kept outside of memory, and found again."""

import pytest

from jobs.mapping import earlier_rows
from jobs.mapping.earlier_rows import EarlierRows
from jobs.mapping.errors import NoRoomError


def test_items_that_do_not_fit_into_memory_are_completed_from_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(earlier_rows, "IN_MEMORY", 1_000)
    rows = EarlierRows()
    for number in range(100):
        rows.complete({"item_id": f"i{number}", "title": "t", "text": f"text {number} " * 10})
    for number in range(100):
        found = rows.complete({"item_id": f"i{number}", "title": "new"})
        assert found == {"item_id": f"i{number}", "title": "new", "text": f"text {number} " * 10}


@pytest.mark.parametrize(
    "record", [{"title": "no id"}, {"item_id": "\ud800", "title": "t"}, {"item_id": 2**70}]
)
def test_what_has_no_id_or_is_no_json_is_passed_on_every_time(record: dict[str, object]) -> None:
    rows = EarlierRows()
    assert [rows.complete(dict(record)) for _ in range(2)] == [record, record]


def test_a_full_folder_of_temporary_files_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = EarlierRows()

    def full(content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows._file, "write", full)
    with pytest.raises(NoRoomError, match="No space left on device; set TMPDIR"):
        rows.complete({"item_id": "1", "title": "t"})
