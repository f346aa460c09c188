"""The cause of a failure: the innermost of a stack trace, and the first of a series."""

from typing import Any

import pytest

from jobs.runtime.failure_cause import RELATED_MS, first_cause, root_cause

TRACE = """java.lang.RuntimeException: Job failed
\tat org.apache.flink.runtime.Executor.handle(Executor.java:13)
Caused by: org.apache.flink.util.FlinkException: Global failure
\tat org.apache.flink.runtime.Scheduler.fail(Scheduler.java:7)
\t... 12 more
Caused by: pemja.core.PythonException: <class 'jobs.errors.StateSchemaError'>: user state has
layout 2, this job reads layout 1
\tat jobs.core.interest.user_state.unpack(user_state.py:90)
\tat pemja.core.object.PyIterator.next(Native Method)
\t... 20 more"""


def test_the_root_cause_is_the_innermost_one_with_all_of_its_lines():
    assert root_cause(TRACE) == (
        "<class 'jobs.errors.StateSchemaError'>: user state has layout 2, this job reads layout 1"
    )


@pytest.mark.parametrize(
    ("trace", "cause"),
    [
        ("java.io.IOException: disk is full\n\tat a.b.C", "java.io.IOException: disk is full"),
        ("a.B: outer\nCaused by: c.D: inner", "c.D: inner"),
        ("a.B: outer\nCaused by: c.D: one\nCaused by: e.F: two\n\tat g", "e.F: two"),
        (
            "a.B: x\nCaused by: java.lang.RuntimeException: Error received from SDK harness:"
            " Traceback (most recent call last):\n  File one\nTraceback (most recent call last):\n"
            "  File two\n raise BundleNotFoundError(\nudfs.errors.BundleNotFoundError: no bundle at"
            " /b:\nexport one\n\n\tat c.D",
            "udfs.errors.BundleNotFoundError: no bundle at /b: export one",
        ),
        (
            "a.B: x\nCaused by: c.Suppress: y\n"
            "Caused by: java.lang.RuntimeException: space 2 is gone",
            "space 2 is gone",
        ),
        ("", "Flink gave no reason"),
        ("\n\n", "Flink gave no reason"),
    ],
)
def test_other_shapes_of_traces(trace, cause):
    assert root_cause(trace) == cause


SHUT_DOWN = "org.apache.flink.util.FlinkException: The TaskExecutor is shutting down.\n\tat a.B"
NO_SLOTS = (
    "java.util.concurrent.CompletionException: x\n\tat a.B\n"
    "Caused by: o.a.f.NoResourceAvailableException: Could not acquire the minimum required"
    " resources"
)
NO_BUNDLE = "java.lang.RuntimeException: x\n\tat a.B\nCaused by: no bundle at /b: export one"


def entry(at_ms: int, trace: str, *concurrent: str) -> dict[str, Any]:
    beside = [{"timestamp": at_ms, "stacktrace": each} for each in concurrent]
    return {"timestamp": at_ms, "stacktrace": trace, "concurrentExceptions": beside}


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([], None),
        ([entry(9, NO_BUNDLE)], "no bundle at /b: export one"),
        (
            [entry(9, SHUT_DOWN), entry(8, NO_BUNDLE)],
            "no bundle at /b: export one; then org.apache.flink.util.FlinkException: The"
            " TaskExecutor is shutting down.",
        ),
        (
            [entry(9, NO_SLOTS), entry(8, NO_SLOTS), entry(7, SHUT_DOWN), entry(6, NO_BUNDLE)],
            "no bundle at /b: export one; then o.a.f.NoResourceAvailableException: Could not"
            " acquire the minimum required resources",
        ),
        ([entry(9, SHUT_DOWN, NO_BUNDLE), entry(8, "x.Y: older")], "no bundle at /b: export one"),
        ([entry(9, "x.Y: newer"), entry(8, NO_BUNDLE)], "x.Y: newer"),
        (
            [entry(9, SHUT_DOWN)],
            "org.apache.flink.util.FlinkException: The TaskExecutor is shutting down.",
        ),
        (
            [entry(RELATED_MS + 9, SHUT_DOWN), entry(8, NO_BUNDLE)],
            "org.apache.flink.util.FlinkException: The TaskExecutor is shutting down.",
        ),
    ],
)
def test_the_first_cause_is_told_and_not_what_follows_from_it(entries, cause):
    assert first_cause(entries) == cause
