import pytest

from bench.throughput.slope import Sample, TooFewSamplesError, measured_range, slope

RATE = 1_000
TOTAL = 30_000


def steady(seconds: int, start_s: float = 3.0) -> list[Sample]:
    """Nothing for three seconds, then a slow start, then a steady rate to the end."""
    return [
        Sample(float(at_s), max(0, min(TOTAL, int((at_s - start_s) * RATE))))
        for at_s in range(seconds)
    ]


def test_the_warm_up_begins_with_the_first_commit() -> None:
    samples = steady(40)
    first, _ = measured_range(samples, warm_up_s=10, events=TOTAL, total=TOTAL * 2)
    assert samples[first].at_s == 4 + 10


def test_the_warm_up_ends_early_when_only_the_events_to_measure_are_left() -> None:
    samples = steady(40)
    first, _ = measured_range(samples, warm_up_s=1_000, events=20_000, total=TOTAL)
    assert samples[first].committed == TOTAL - 20_000


def test_samples_after_the_last_event_do_not_count() -> None:
    samples = steady(60)
    first, last = measured_range(samples, warm_up_s=5, events=TOTAL, total=TOTAL)
    assert samples[last].committed == TOTAL - RATE
    assert slope(samples[first : last + 1]) == pytest.approx(RATE)


def test_the_slope_after_the_warm_up_does_not_count_a_slow_start() -> None:
    slow = [Sample(float(at_s), 10 * at_s) for at_s in range(11)]
    quick = [Sample(10.0 + at_s, 100 + RATE * at_s) for at_s in range(1, 11)]
    samples = slow + quick
    first, last = measured_range(samples, warm_up_s=9, events=10**9, total=10**10)
    assert slope(samples[first : last + 1]) == pytest.approx(RATE)


def test_a_run_that_was_over_too_soon_is_an_error_not_a_figure() -> None:
    with pytest.raises(TooFewSamplesError):
        measured_range([Sample(0.0, 0), Sample(0.5, TOTAL)], 0.0, TOTAL, TOTAL)


def test_a_run_without_any_commit_is_an_error() -> None:
    with pytest.raises(TooFewSamplesError):
        measured_range([Sample(float(at_s), 0) for at_s in range(20)], 0.0, TOTAL, TOTAL)
