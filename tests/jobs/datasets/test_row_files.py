"""Files as people have them: packed, in any encoding, several, damaged, or not what they say."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.datasets.file_format import FileFormat, file_format
from jobs.datasets.file_rows import rows
from tests.jobs.datasets.read_rows import read, reasons


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"a": 1}, {"a": 2', "ends before its brackets are closed; 1 elements"),
        ('[{"a": 1}}', "brackets that do not match"),
        ('[{"a": 1}] [2]', "goes on behind its end"),
        ('{\n"a": 1\n}', "holds neither a list of objects nor an object a line"),
    ],
)
def test_a_damaged_json_document_is_told_with_what_was_read(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(DatasetFileError, match=told):
        read(tmp_path, "a.json", text)


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("shop/a.csv", content)
        archive.writestr("__MACOSX/shop/._a.csv", b"\0")
    return buffer.getvalue()


PACKED = {
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
}


BODY = b"id,title\n" + b"".join(b"%d,Title number %d\n" % (n, n * n) for n in range(30_000))


@pytest.mark.parametrize("ending", PACKED)
def test_a_packed_file_is_read_whatever_its_name_says(tmp_path: Path, ending: str) -> None:
    for name in (f"a.csv{ending}", "b.csv"):
        found = read(tmp_path, name, PACKED[ending](BODY))
        assert len(found) == 30_000
        assert found[-1] == {"id": "29999", "title": f"Title number {29_999**2}"}


def test_several_packed_parts_in_one_file_are_all_read(tmp_path: Path) -> None:
    for pack in (gzip.compress, zstandard.ZstdCompressor().compress):
        assert len(read(tmp_path, "a.csv", pack(BODY) + pack(b"1,One\n"))) == 30_001


@pytest.mark.parametrize("ending", [".gz", ".zst", ".bz2", ".xz"])
def test_a_packed_file_that_is_cut_off_gives_what_it_holds_and_is_told(
    tmp_path: Path, ending: str
) -> None:
    whole = PACKED[ending](BODY * 4)
    (tmp_path / "a.csv").write_bytes(whole[: len(whole) * 3 // 4])
    found: list[Any] = []
    with pytest.raises(DatasetFileError, match=r"cannot read .*a\.csv after row [\d,]+: ") as error:
        found.extend(rows(tmp_path / "a.csv", FileFormat()))
    assert f"after row {len(found):,}" in str(error.value)
    assert len(found) > 10_000


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG image"),
        ("a.csv", b"%PDF-1.7\n%\xe2\xe3", "is a PDF document"),
        ("a.csv", b"<!DOCTYPE html><html><body>Not found", "is a web page"),
        ("a.csv", bytes(range(256)) * 4, "is no text"),
        ("a.parquet", b"id,title\n1,One\n", "is no Parquet file"),
        ("a.parquet", b"PAR1garbage", "cannot read"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00", "cannot read"),
        ("a.csv", gzip.compress(gzip.compress(b"a,b\n", mtime=0), mtime=0), "compressed twice"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(DatasetFileError, match=told) as error:
        read(tmp_path, name, content)
    assert "\n" not in str(error.value)


def test_an_excel_workbook_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(DatasetFileError, match="Excel workbook: save its sheet as CSV"):
        read(tmp_path, "a.csv", buffer.getvalue())


def test_the_encoding_is_that_of_the_mark_or_what_was_said(tmp_path: Path) -> None:
    text = "id;name\n1;Größe L\n"
    expected = [{"id": "1", "name": "Größe L"}]
    assert read(tmp_path, "a.csv", text.encode("utf-16")) == expected
    assert read(tmp_path, "a.csv", text.encode("utf-8-sig")) == expected
    assert read(tmp_path, "a.csv", text.encode("latin-1"), encoding="latin-1") == expected
    assert read(tmp_path, "a.csv", text.encode("utf-16-be"), encoding="utf-16-be") == expected


def test_text_that_is_not_utf_8_is_refused_with_what_to_say(tmp_path: Path) -> None:
    content = '"ISBN";"Book-Title"\n"0001";"Der Fußgänger"\n'.encode("latin-1")
    with pytest.raises(DatasetFileError, match=r'line 2 .* 0xdf.*encoding = "cp1252".*Der Fußgäng'):
        read(tmp_path, "books.csv", content)
    with pytest.raises(DatasetFileError, match='encoding = "utf-16-le"'):
        read(tmp_path, "books.csv", "id,title\n1,One\n".encode("utf-16-le"))


def test_rows_that_are_not_utf_8_are_broken_where_utf_8_was_said(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", b"id,title\n1,Caf\xe9\n2,Tea\n", encoding="utf-8")
    assert found == [b"1,Caf\xe9", {"id": "2", "title": "Tea"}]
    assert reasons(found) == ["not UTF-8"]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    for content in ("", "\n\n", "\ufeff"):
        assert read(tmp_path, "a.csv", content) == []
    assert read(tmp_path, "a.csv", "id,title\n") == []


def test_a_pattern_stands_for_all_files_that_fit_by_name(tmp_path: Path) -> None:
    for day in (3, 1, 2):
        (tmp_path / f"events_{day}.csv").write_text(f"id\n{day}\n")
    (tmp_path / "events_0.csv").write_text("")
    (tmp_path / "other.csv").write_text("id\n9\n")
    found = list(rows(tmp_path / "events_*.csv", FileFormat()))
    assert found == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    (tmp_path / "events_[1].csv").write_text("id\nliteral\n")
    assert list(rows(tmp_path / "events_[1].csv", FileFormat())) == [{"id": "literal"}]


def test_a_missing_file_is_told_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("id\n")
    with pytest.raises(DatasetFileError, match=r"no file .*item\.csv; the folder holds goods\.csv"):
        list(rows(tmp_path / "item.csv", FileFormat()))
    with pytest.raises(DatasetFileError, match=r"no file fits .*item\*; the folder holds goods"):
        list(rows(tmp_path / "item*", FileFormat()))
    with pytest.raises(DatasetFileError, match="is a folder"):
        list(rows(tmp_path, FileFormat()))


def parquet_bytes() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pa.table({"id": list(range(50)), "title": ["One"] * 50}), buffer)
    return buffer.getvalue()


SMALL = b"id,title\n" + b"".join(b'%d,"Title, %d"\n' % (n, n) for n in range(60))


WHOLE = {
    "a.csv": SMALL,
    "a.json": orjson.dumps([{"id": n, "title": "One"} for n in range(40)]),
    "a.jsonl": b"\n".join(orjson.dumps({"id": n}) for n in range(40)),
    "b.json": b"\n".join(repr({"id": n, "t": ("x",)}).encode() for n in range(40)),
    "a.parquet": parquet_bytes(),
    "utf16.csv": SMALL.decode().encode("utf-16"),
    **{f"a.csv{ending}": pack(SMALL) for ending, pack in PACKED.items()},
}


@settings(max_examples=500, deadline=None)
@given(
    name=st.sampled_from(sorted(WHOLE)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=4),
    kept=st.floats(0, 1) | st.just(1.0),
    said=st.sampled_from([FileFormat(), FileFormat(encoding="utf-8"), FileFormat(header=False)]),
)
def test_damage_of_any_kind_is_broken_rows_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    edits: list[tuple[float, bytes]],
    kept: float,
    said: FileFormat,
) -> None:
    content = bytearray(WHOLE[name])
    for place, new in edits:
        at = int(place * len(content))
        content[at : at + len(new)] = new
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content[: int(kept * len(content))])
    told, found = "", list[Any]()
    try:
        found.extend(rows(path, said))
    except DatasetFileError as error:
        told = str(error)
    assert "\n" not in told
    for row in found:
        if isinstance(row, dict):
            orjson.dumps(row)
        else:
            assert isinstance(row, BrokenRow)
            assert b"\n" not in bytes(row)


@pytest.mark.parametrize(
    ("content", "said", "advice"),
    [
        (b"id\n1\n", "utf-16", "leave encoding out"),
        ("id\n1\n".encode("utf-16-le"), "utf-16", 'say encoding = "utf-16-le" or "utf-16-be"'),
        (b"id\n1\n", "utf-32", "leave encoding out"),
    ],
)
def test_a_wide_encoding_without_its_mark_is_refused_with_what_to_say(
    tmp_path: Path, content: bytes, said: str, advice: str
) -> None:
    with pytest.raises(DatasetFileError, match=advice):
        read(tmp_path, "a.csv", content, encoding=said)


@pytest.mark.parametrize(("said", "wrong"), [("utf-16-be", b"\xd8\0\0x"), ("utf-32-le", b"1234")])
def test_bytes_that_an_encoding_cannot_read_end_in_one_sentence(
    tmp_path: Path, said: str, wrong: bytes
) -> None:
    with pytest.raises(DatasetFileError, match=r"a\.csv"):
        read(tmp_path, "a.csv", "id\n1\n".encode(said) + wrong, encoding=said)


@pytest.mark.parametrize("said", ["idna", "punycode", "rot13", "base64", "no such"])
def test_what_is_no_encoding_of_texts_is_refused_with_names_that_are(said: str) -> None:
    with pytest.raises(MappingError, match=r"items\.encoding cannot be .* latin-1"):
        file_format({"encoding": said}, "items.")
