"""Tables of cells as people have them: what is read, and what is broken."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jobs.datasets.errors import DatasetFileError
from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows
from jobs.datasets.reading.found_format import find_format
from jobs.datasets.reading.lines import LONGEST
from tests.jobs.datasets.read_rows import read, reasons

MIND = (
    "NewsId\tCategory\tTitle\tAbstract\n"
    'N1\tfood\tSoup for cold days\tA "simple" soup.\n'
    'N2\tsports\t"Comeback of the year begins\tA runner returns.\n'
    "N3\thealth\tFive ways to sleep better\tSleep tips.\n"
    'N4\ttravel\t"A night train to Oslo"\tBy rail.\n'
    "N5\tautos\tElectric vans compared\tVans.\n"
)


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
