"""Bodies of requests become lines."""

import orjson
import pytest

from jobs.serve.append.read_records import read_records
from jobs.serve.problems import ProblemError


def test_an_object_a_list_and_lines_are_records():
    pretty = b'{\n  "event_id": "e1",\n  "text": "a\\nb"\n}'
    assert read_records(pretty, "application/json; charset=utf-8") == [
        b'{"event_id":"e1","text":"a\\nb"}'
    ]
    assert read_records(b'[{"a": 1}, 7]', "application/json") == [b'{"a":1}', b"7"]
    lines = b'{"a": 1}\r\n\n \n{"a": 2}'
    found = read_records(lines, "Application/X-NDJSON")
    assert [orjson.loads(line) for line in found] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"{}", "", 415, "Content-Type must be application/json"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "Content-Type must be"),
        (b"{}", "text/plain", 415, "Content-Type must be"),
        (b"", "application/json", 422, "no JSON"),
        (b"[]", "application/json", 422, "holds no record"),
        (b"\n\n", "application/x-ndjson", 422, "holds no record"),
        (b'{"a": NaN}', "application/json", 422, "no JSON"),
        (b"\xff\xfe", "application/json", 422, "no JSON"),
        (b"[" * 100_000, "application/json", 422, "nested deeper than 200 levels"),
        (b"[" + b'{"a":' * 201 + b"1" + b"}" * 201 + b"]", "application/json", 422, "deeper"),
    ],
)
def test_what_holds_no_record_is_told(body, kind, status, words):
    with pytest.raises(ProblemError, match=words) as caught:
        read_records(body, kind)
    assert caught.value.status == status


def test_a_record_as_deep_as_the_job_reads_is_one():
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    assert read_records(deep, "application/json") == [deep]
    assert read_records(b"[" + deep + b"]", "application/json") == [deep]
