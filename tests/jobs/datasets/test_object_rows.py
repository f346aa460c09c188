"""Rows that are objects: JSON lines, documents with a list, Python literals, Parquet."""

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows
from jobs.datasets.reading.found_format import find_format
from tests.jobs.datasets.read_rows import read, reasons


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


def test_a_value_of_parquet_that_cannot_be_read_costs_its_row(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    far = pa.array([0, 2**62, 1_000_000], pa.int64()).cast(pa.timestamp("us"))
    parquet.write_table(pa.table({"id": [1, 2, 3], "at": far}), tmp_path / "a.parquet")
    found: list[Any] = list(rows(tmp_path / "a.parquet", FileFormat()))
    assert [row["id"] for row in found if isinstance(row, dict)] == [1, 3]
    assert reasons(found) == ["a value that cannot be read"]
    assert bytes(found[1]) == b"a.parquet, row 2"


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
