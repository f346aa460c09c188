"""How a change reports its progress without a terminal and for programs."""

import io

import orjson
from rich.console import Console

from jobs.spaces.change.coverage import Coverage
from jobs.spaces.change.overlap import Overlap
from jobs.spaces.change.readiness import CheckResult
from jobs.spaces.change.reporters import change_reporter

COVERAGE = Coverage(200, 150, 40, 31, 3000, 1200)
RESULT = CheckResult(COVERAGE, Overlap(31, 10, 0.25), ("too few",))


def test_without_a_terminal_the_coverage_is_printed_now_and_then_and_the_check_in_full():
    printed = io.StringIO()
    with change_reporter(Console(file=printed, width=40), as_json=False) as reporter:
        for _ in range(3):
            reporter.coverage(2, COVERAGE)
        reporter.checked(2, RESULT)
    assert printed.getvalue().splitlines() == [
        "space 2: 1,200 of 3,000 records to read; 150 of 200 items and 31 of 40 users"
        " have a vector",
        "check of space 2: 1,200 of 3,000 records to read; 150 of 200 items and 31 of 40 users"
        " have a vector",
        "overlap@10 of recommend() with the active space: 0.250 over 31 users",
        "not enough: too few",
    ]


def test_programs_receive_one_object_per_line(capsys):
    with change_reporter(Console(file=io.StringIO()), as_json=True) as reporter:
        reporter.message("space", "space 2 has this bundle", space_id=2)
        reporter.coverage(2, COVERAGE)
        reporter.checked(2, RESULT)
    first, second, third = map(orjson.loads, capsys.readouterr().out.splitlines())
    assert first == {"step": "space", "text": "space 2 has this bundle", "space_id": 2}
    coverage = {
        "items": 200,
        "items_covered": 150,
        "users": 40,
        "users_covered": 31,
        "records": 3000,
        "records_behind": 1200,
    }
    assert second == {"step": "coverage", "space_id": 2, **coverage}
    assert third == {
        "step": "checked",
        "space_id": 2,
        "coverage": coverage,
        "overlap": {"users": 31, "k": 10, "mean": 0.25},
        "refused": ["too few"],
    }
