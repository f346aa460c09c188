"""Vectors and weights that are off, and the limits for them."""

from collections.abc import Callable

import pytest

from bench.verify.compare import Report, Tolerance
from tests.bench.verify.builders import NOON_MS, event
from tests.bench.verify.compare.world import WINDOW, expect, printed


@pytest.mark.parametrize(
    ("change", "measures"),
    [
        ("embedding = '[1,0,0]'", {"vector component", "1 - cosine"}),
        ("embedding = embedding * '[1.01,1.01,1.01]'::halfvec", {"vector component"}),
        ("embedding = '[0,0,0]'", {"vector component", "1 - cosine"}),
        ("weight = weight * 1.0002", {"relative weight"}),
        ("weight = 'NaN'", {"relative weight"}),
    ],
)
def test_a_number_that_is_off_is_found_in_its_row(
    report_after: Callable[..., Report], change: str, measures: set[str]
) -> None:
    report = report_after(f"UPDATE interestream.user_windows SET {change} WHERE {WINDOW}")
    assert not report.ok
    beyond = {one.measure: one for one in report.deviations if not one.ok}
    assert beyond.keys() == measures
    for one in beyond.values():
        assert one.where == "user 'ada', month"
        assert one.rows_beyond == 1


def test_rounding_is_no_deviation(report_after: Callable[..., Report]) -> None:
    report = report_after(
        "UPDATE interestream.user_windows SET weight = weight * 1.00005, "
        "embedding = embedding * '[1.001,1.001,1.001]'::halfvec"
    )
    assert report.ok, printed(report)


UNDONE = [
    *(event(n, "like", NOON_MS + n, "east") for n in range(40)),
    event(90, "unlike", NOON_MS + 90, "east"),
    event(91, "dwell", NOON_MS + 91, "up", value=0.6),
]
"""A hundredth is left of 120."""


@pytest.mark.parametrize(("off", "ok"), [(1e-4, True), (4e-4, False)])
def test_a_sum_after_undoing_may_be_off_by_the_rounding_error_of_what_was_added(
    report_after: Callable[..., Report], off: float, ok: bool
) -> None:
    # Slack: 2 * 120 millionths; beside it the weight of 0.01 may be off by a millionth.
    changed = f"UPDATE interestream.user_windows SET weight = weight + %s WHERE {WINDOW}"
    report = report_after(changed, (off,), expected=expect([*UNDONE]))
    assert report.ok is ok, printed(report)


OPPOSED = [event(1, "view", NOON_MS, "east"), event(2, "view", NOON_MS, "west")]


def test_a_sum_that_cancels_out_may_be_missing_or_point_anywhere(
    report_after: Callable[..., Report],
) -> None:
    expected = expect([*OPPOSED])
    report = report_after(
        "INSERT INTO interestream.user_windows VALUES "
        "(7, 'ada', 'session', '[0,0,1]', 2, to_timestamp(%s / 1000.0), 1, 1)",
        (NOON_MS,),
        expected=expected,
    )
    assert expected.windows.agreement[expected.windows.rows["ada", "session"]] == 0
    assert ("ada", "day") in expected.windows.rows  # cancels out too, and has no row at all
    assert report.ok, printed(report)


def test_the_limits_of_a_vector_widen_as_its_sum_cancels(
    report_after: Callable[..., Report],
) -> None:
    # 100 * East + 98 * West: |S| / weight is about 0.01
    events = [
        *(event(n, "view", NOON_MS, "east") for n in range(100)),
        *(event(n, "view", NOON_MS, "west") for n in range(100, 198)),
    ]
    turned = f"UPDATE interestream.user_windows SET embedding = %s WHERE {WINDOW}"
    report = report_after(turned, ("[1,0.015,0]",), expected=expect([*events]))
    assert report.ok, printed(report)
    (component, *_) = report.deviations
    # Beside it the slack, 198 millionths, over |S| = 2.
    assert component.allowed == pytest.approx(2e-3 * 9.9 + 99e-6, rel=1e-3)
    assert component.largest == pytest.approx(0.015, rel=1e-3)


def test_limits_can_be_others(report_after: Callable[..., Report]) -> None:
    report = report_after(tolerance=Tolerance(component=1e-9))
    assert [one.measure for one in report.deviations if not one.ok] == ["vector component"]
