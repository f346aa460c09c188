"""Files of rows as people have them: what is read, what is broken, what is refused."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.datasets.file_format import FileFormat, file_format
from jobs.datasets.file_rows import rows
from jobs.datasets.reading.found_format import find_format
from jobs.datasets.reading.lines import LONGEST

MIND = (
    "NewsId\tCategory\tTitle\tAbstract\n"
    'N1\tfood\tSoup for cold days\tA "simple" soup.\n'
    'N2\tsports\t"Comeback of the year begins\tA runner returns.\n'
    "N3\thealth\tFive ways to sleep better\tSleep tips.\n"
    'N4\ttravel\t"A night train to Oslo"\tBy rail.\n'
    "N5\tautos\tElectric vans compared\tVans.\n"
)


def read(folder: Path, name: str, content: bytes | str, **said: Any) -> list[Any]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(folder / name, FileFormat(**said)))


def reasons(found: list[Any]) -> list[str]:
    return [row.reason for row in found if isinstance(row, BrokenRow)]


def test_titles_with_quotes_in_a_tsv_stay_as_they_are_and_no_row_swallows_another(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "news.tsv", MIND)
    assert [row["NewsId"] for row in found] == ["N1", "N2", "N3", "N4", "N5"]
    assert found[1]["Title"] == '"Comeback of the year begins'
    assert found[3]["Title"] == '"A night train to Oslo"'


def test_a_tsv_with_cells_that_need_their_quotes_is_read_with_quotes(tmp_path: Path) -> None:
    found = read(tmp_path, "a.tsv", 'id\ttext\n1\t"two\tparts"\n2\t"of ""L"""\n')
    assert [row["text"] for row in found] == ["two\tparts", 'of "L"']


def test_a_tsv_whose_header_is_all_in_quotes_is_read_with_quotes(tmp_path: Path) -> None:
    assert read(tmp_path, "a.tsv", '"id"\t"text"\n"1"\t"one"\n') == [{"id": "1", "text": "one"}]


def test_a_quote_that_never_closes_costs_its_own_line_alone(tmp_path: Path) -> None:
    text = 'id,title\n1,One\n2,"Two\n3,Three\n4,"Four"\n5,Five\n'
    found = read(tmp_path, "a.csv", text)
    assert [row["id"] for row in found if isinstance(row, dict)] == ["1", "3", "4", "5"]
    assert [bytes(row) for row in found if isinstance(row, bytes)] == [b'2,"Two']


def test_text_behind_a_closing_quote_breaks_the_row_and_no_other(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", 'id,title\n1,"Peter "Red" Fox"\n2,5" disk\n')
    assert reasons(found) == ["text behind a closing quote"]
    assert found[1] == {"id": "2", "title": '5" disk'}


def test_a_cell_of_any_size_is_read(tmp_path: Path) -> None:
    image = "x" * 140_000
    found = read(tmp_path, "a.csv", f'id,body,price\n1,a,1\n2,"{image}",2\n3,{image},3\n')
    assert [len(row["body"]) for row in found] == [1, 140_000, 140_000]


def test_a_row_beyond_the_limit_is_one_broken_row_and_the_next_ones_are_read(
    tmp_path: Path,
) -> None:
    huge = "x" * (LONGEST + 10)
    found = read(tmp_path, "a.csv", f'id,body\n1,{huge}\n2,"a\n{huge}"\n3,c\n')
    assert reasons(found)[0] == f"longer than {LONGEST:,} bytes"
    assert [row for row in found if isinstance(row, dict)] == [{"id": "3", "body": "c"}]
    assert all(len(row) <= LONGEST + 1 for row in found if isinstance(row, bytes))


def test_rows_with_other_than_a_cell_a_column_are_broken(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n,,\n\n  \n")
    assert [row for row in found if isinstance(row, dict)] == [{"a": "1", "b": "2", "c": "3"}] * 2
    assert reasons(found) == ["too few cells", "too many cells"]
    assert found[0].place == "a.csv, line 2"


def test_a_row_over_several_lines_with_too_few_cells_hides_none_of_its_lines(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "a.csv", 'a,b,c\n1,"x\n2,y,z\n3,w"\n4,5,6\n')
    kept = [row["a"] for row in found if isinstance(row, dict)]
    assert kept == ["2", "4"]
    assert [bytes(row) for row in found if isinstance(row, bytes)] == [b'1,"x', b'3,w"']


def test_json_lines_are_read_under_any_name(tmp_path: Path) -> None:
    line = b'{"business_id":"y1","name":"Corner Bakery"}\n'
    for name in ("business.json", "meta.json.gz", "meta.txt", "meta"):
        content = gzip.compress(line * 2) if name.endswith(".gz") else line * 2
        assert read(tmp_path, name, content) == [orjson.loads(line)] * 2


def test_a_broken_line_of_json_is_broken_and_no_other(tmp_path: Path) -> None:
    deep = b"[" * 300 + b"]" * 300
    content = b'{"a":1}\n{"a":\n[1]\n\n{"a":"\xff"}\n{"a":%s}\n{"a":2}' % deep
    found = read(tmp_path, "a.jsonl", content, encoding="utf-8")
    assert [row for row in found if isinstance(row, dict)] == [{"a": 1}, {"a": 2}]
    assert reasons(found) == ["not JSON", "not an object", "not UTF-8", "nested too deep"]


def test_a_number_that_is_none_is_absent_in_json(tmp_path: Path) -> None:
    text = '{"id": "NaN", "price": NaN}\n{"id": 2, "price": -Infinity}\n{"id": NaN NaN}\n'
    found = read(tmp_path, "a.jsonl", text)
    assert found[:2] == [{"id": "NaN", "price": None}, {"id": 2, "price": None}]
    assert reasons(found) == ["not JSON"]


def test_a_literal_with_many_brackets_side_by_side_is_read(tmp_path: Path) -> None:
    pairs = [("a(", n) for n in range(500)]
    (row,) = read(tmp_path, "a.json", repr({"pairs": pairs}))
    assert row == {"pairs": [["a(", n] for n in range(500)]}


def test_a_list_in_a_json_document_is_read_element_by_element(tmp_path: Path) -> None:
    text = '[\n {"a": "x,]}\\"", "b": [1, {"c": 2}]},\n\n {"a": nope},\n 7, {"a": "z"}\n]\n'
    found = read(tmp_path, "a.json", text)
    assert [row for row in found if isinstance(row, dict)] == [
        {"a": 'x,]}"', "b": [1, {"c": 2}]},
        {"a": "z"},
    ]
    assert reasons(found) == ["not JSON", "not an object"]
    assert not any(b"\n" in row for row in found if isinstance(row, bytes))


def test_the_list_of_objects_in_a_json_document_is_read(tmp_path: Path) -> None:
    text = '{"total": 2, "names": ["a", "b"], "items": [{"id": 1}, {"id": 2}], "end": {"x": []}}'
    for written in (text, text.replace(" ", "\n")):
        assert read(tmp_path, "a.json", written) == [{"id": 1}, {"id": 2}]


def test_one_object_on_one_line_is_a_line(tmp_path: Path) -> None:
    assert read(tmp_path, "a.json", '{"id": 1, "tags": ["x"]}') == [{"id": 1, "tags": ["x"]}]


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


def test_lines_of_python_literals_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    text = (
        "{u'id': u'st1', 'price': 4.99, 'tags': ('a', None)}\n"
        "{'id': __import__('os').getcwd()}\n"
        "{'id': {1, 2}}\n" + "{'id': " + "(" * 400 + ")" * 400 + "}\n" + "['x']\n"
    )
    found = read(tmp_path, "games.json", text)
    assert found[0] == {"id": "st1", "price": 4.99, "tags": ["a", None]}
    assert reasons(found) == [
        "not a Python literal",
        "not a Python literal",
        "not a Python literal",
        "not an object",
    ]


def test_parquet_is_read_with_times_decimals_and_absent_values(tmp_path: Path) -> None:
    import datetime
    from decimal import Decimal

    import pyarrow as pa
    from pyarrow import parquet

    noon = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
    table = pa.table(
        {
            "id": [1, 2**60],
            "at": pa.array([noon, None], pa.timestamp("ns", "UTC")),
            "price": pa.array([Decimal("4.50"), None], pa.decimal128(8, 2)),
            "stars": [float("nan"), 4.0],
            "tags": [["a", "b"], []],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    assert list(rows(tmp_path / "a.parquet", FileFormat())) == [
        {
            "id": 1,
            "at": "2024-05-01T12:00:00+00:00",
            "price": 4.5,
            "stars": None,
            "tags": ["a", "b"],
        },
        {"id": 2**60, "at": None, "price": None, "stars": 4.0, "tags": []},
    ]


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
        ("a.csv", gzip.compress(gzip.compress(b"a,b\n")), "compressed twice"),
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


def test_an_escape_takes_the_meaning_from_a_quote(tmp_path: Path) -> None:
    text = '"ISBN";"Title"\n"0002";"Peter \\"Red\\" Fox; a tale"\n"0003";"back\\\\slash"\n'
    found = read(tmp_path, "a.csv", text, escape="\\")
    assert [row["Title"] for row in found] == ['Peter "Red" Fox; a tale', "back\\slash"]


def test_a_table_without_a_header_has_the_columns_that_are_named(tmp_path: Path) -> None:
    text = "1,2268318,pv\n1,7,buy\n"
    columns = ("user", "item", "action")
    first = {"user": "1", "item": "2268318", "action": "pv"}
    assert read(tmp_path, "a.csv", text, columns=columns)[0] == first
    assert len(read(tmp_path, "a.csv", text, columns=columns, header=False)) == 2
    assert read(tmp_path, "a.csv", text, header=False)[1] == {"1": "1", "2": "7", "3": "buy"}
    with_header = "user,item,action\n" + text
    assert read(tmp_path, "a.csv", with_header, columns=columns)[0] == first
    assert len(read(tmp_path, "a.csv", "u,i,a\n" + text, columns=columns, header=True)) == 2


def test_names_for_another_number_of_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetFileError, match=r"columns names 2 columns .* has 3 cells"):
        read(tmp_path, "a.csv", "1,2,3\n", columns=("a", "b"))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetFileError, match="two columns 'title'"):
        read(tmp_path, "a.csv", "id,title,title\n1,a,b\n")


def test_separators_of_several_characters_are_found_or_said(tmp_path: Path) -> None:
    text = '1::Toy Story, the film (1995)::A|B|C\n2::"Great" Cats::D\n'
    expected = [
        {"1": "1", "2": "Toy Story, the film (1995)", "3": "A|B|C"},
        {"1": "2", "2": '"Great" Cats', "3": "D"},
    ]
    assert read(tmp_path, "movies.dat", text, header=False) == expected
    assert read(tmp_path, "movies.dat", text, header=False, delimiter="::") == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_anywhere(tmp_path: Path, end: str) -> None:
    text = f'a,b{end}1,"x{end}y"{end}{end}2,z{end}'
    assert read(tmp_path, "a.csv", text) == [{"a": "1", "b": f"x{end}y"}, {"a": "2", "b": "z"}]


def test_the_line_with_which_a_spreadsheet_names_its_separator_is_no_row(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "sep=|\r\nid|a,b\r\n1|x,y\r\n") == [{"id": "1", "a,b": "x,y"}]


def test_a_null_character_stays_in_its_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "a,b\n1,x\0y\n") == [{"a": "1", "b": "x\0y"}]


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


TEXT = st.text(
    st.sampled_from(
        ["a", "b", "ß", "1", " ", ",", ";", "\t", "|", '"', "'", "\\", "\n", "\r", "\0"]
    ),
    max_size=6,
)
TABLE = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=6)
)


@settings(max_examples=400, deadline=None)
@given(
    table=TABLE,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quote=st.sampled_from(['"', "'"]),
    end=st.sampled_from(["\n", "\r\n"]),
    style=st.sampled_from(["all", "doubled", "escaped"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
def test_what_pythons_csv_writes_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[list[str]],
    delimiter: str,
    quote: str,
    end: str,
    style: str,
    encoding: str,
) -> None:
    # What it does not enclose in quotes: a carriage return at the end of a line.
    if style != "all":
        assume(not any("\r" in cell for cells in table for cell in cells))
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=delimiter,
        quotechar=quote,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if style == "all" else csv.QUOTE_MINIMAL,
        escapechar="\\" if style == "escaped" else None,
        doublequote=style != "escaped",
    )
    names = tuple(f"c{number}" for number in range(len(table[0])))
    writer.writerow(names)
    writer.writerows(table)
    form = FileFormat(
        format="csv",
        delimiter=delimiter,
        quote=quote,
        escape="\\" if style == "escaped" else None,
        header=True,
        encoding=encoding,
    )
    path = tmp_path_factory.mktemp("dialects") / "a.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    written = [dict(zip(names, cells, strict=True)) for cells in table]
    found = list(rows(path, form))
    # Empty rows are left out, and so are lines of white space.
    assert [row for row in found if not is_blank(row)] == [
        row for row in written if not is_blank(row)
    ]


def is_blank(row: Any) -> bool:
    return isinstance(row, dict) and not "".join(row.values()).strip()


LINE = st.text(st.sampled_from(["a", "7", '"', '"', ",", " "]), min_size=1, max_size=12)


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(LINE, min_size=1, max_size=12))
@example(lines=['1,"a', "2,b", '3,c"'])
def test_every_line_is_a_row_of_its_own_broken_or_told_to_span_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("quotes") / "a.csv"
    path.write_text("x,y\n" + "\n".join(lines) + "\n")
    found = list(rows(path, FileFormat(format="csv", delimiter=",", header=True)))
    seen = 0
    for row in found:
        if isinstance(row, dict):
            assert row.keys() == {"x", "y"}
            # A row of several lines is one that the standard reader agrees with.
            seen += 1 + sum(cell.count("\n") for cell in row.values())
        else:
            assert row.decode() in lines
            seen += 1
    filled = [line for line in lines if {"a", "7"} & set(line)]
    assert len(filled) <= seen <= len(lines)


@settings(max_examples=300, deadline=None)
@given(
    elements=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
            max_leaves=6,
        ),
        max_size=6,
    ),
    indent=st.sampled_from([0, orjson.OPT_INDENT_2]),
    wrapped=st.booleans(),
)
def test_the_elements_of_any_list_come_back(
    tmp_path_factory: pytest.TempPathFactory, elements: list[Any], indent: int, wrapped: bool
) -> None:
    if wrapped:
        assume(elements and isinstance(elements[0], dict))
    path = tmp_path_factory.mktemp("lists") / "a.json"
    document = {"n": 1, "rows": elements} if wrapped else elements
    path.write_bytes(orjson.dumps(document, option=indent))
    found = list(rows(path, FileFormat(format="json")))
    assert [row for row in found if isinstance(row, dict)] == [
        element for element in elements if isinstance(element, dict)
    ]
    assert len(found) == len(elements)


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


def test_a_value_of_parquet_that_cannot_be_read_costs_its_row(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    far = pa.array([0, 2**62, 1_000_000], pa.int64()).cast(pa.timestamp("us"))
    parquet.write_table(pa.table({"id": [1, 2, 3], "at": far}), tmp_path / "a.parquet")
    found: list[Any] = list(rows(tmp_path / "a.parquet", FileFormat()))
    assert [row["id"] for row in found if isinstance(row, dict)] == [1, 3]
    assert reasons(found) == ["a value that cannot be read"]
    assert bytes(found[1]) == b"a.parquet, row 2"


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


def test_a_file_that_is_called_lines_is_lines_even_if_its_only_object_holds_a_list(
    tmp_path: Path,
) -> None:
    order = '{"user": "ada", "lines": [{"sku": "a"}, {"sku": "b"}]}\n'
    assert read(tmp_path, "orders.jsonl", order) == [
        {"user": "ada", "lines": [{"sku": "a"}, {"sku": "b"}]}
    ]


@pytest.mark.parametrize(
    "text", ['[{"id": 1}, {"id": 2}]', '[\n {\n  "id": 1\n },\n {"id": 2}\n]\n']
)
def test_a_list_is_read_element_by_element_where_lines_were_said(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "calls.json", text, format="jsonl") == [{"id": 1}, {"id": 2}]


def test_a_line_that_is_a_list_breaks_no_other_line(tmp_path: Path) -> None:
    found = read(tmp_path, "a.jsonl", '[{"id": 1}]\n{"id": 2}\n', format="jsonl")
    assert found == [b'[{"id": 1}]', {"id": 2}]


@pytest.mark.parametrize("said", [{}, {"columns": ("key", "title"), "header": True}])
def test_a_header_between_the_rows_is_no_row(tmp_path: Path, said: dict[str, Any]) -> None:
    found = read(tmp_path, "a.csv", "id,name\n1,Mug\nid,name\n2,Cup\n", **said)
    assert reasons(found) == ["the header again"]
    assert [list(row.values()) for row in found if isinstance(row, dict)] == [
        ["1", "Mug"],
        ["2", "Cup"],
    ]


def test_rows_without_a_header_may_be_equal(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", "1,Mug\n1,Mug\n", columns=("id", "name"))
    assert found == [{"id": "1", "name": "Mug"}] * 2


def test_commas_behind_the_objects_of_lines_are_no_fault(tmp_path: Path) -> None:
    found = read(tmp_path, "a.json", '{"id": 1},\n{"id": 2},\n{"id": 3}\n')
    assert found == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_a_first_line_that_is_broken_does_not_make_the_others_another_format(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "a.jsonl", '{"id": "\\ud800"}\n{"id": 2, "sold": true}\n')
    assert reasons(found) == ["not JSON"]
    assert found[1] == {"id": 2, "sold": True}


def test_a_document_with_several_lists_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"goods": [{"id": 1}], "total": 2, "users": [{"id": 2}]}')
    found = find_format(tmp_path / "a.json", FileFormat())
    assert found is not None
    assert found.notes == ("a.json holds the lists goods, users: only the first is read",)


@pytest.mark.parametrize("separator", ["\x01", "\x1f", "\x02"])
def test_a_character_that_was_made_to_separate_does_so_where_it_is_said(
    tmp_path: Path, separator: str
) -> None:
    text = f"1{separator}a\n2{separator}b\n"
    found = read(tmp_path, "a.txt", text, delimiter=separator, columns=("id", "name"))
    assert found == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]


def test_single_quotes_around_cells_are_told_with_the_key_that_reads_them(tmp_path: Path) -> None:
    text = "id,name\n'1','Mug, big'\n'2','It''s'\n"
    (tmp_path / "a.csv").write_text(text)
    found = find_format(tmp_path / "a.csv", FileFormat())
    assert found is not None
    assert any('say quote = "\'"' in note for note in found.notes)
    rows_read = read(tmp_path, "a.csv", text, quote="'")
    assert rows_read == [{"id": "1", "name": "Mug, big"}, {"id": "2", "name": "It's"}]
