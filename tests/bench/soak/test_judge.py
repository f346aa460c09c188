"""A run is flat when its last quarter is as its second one."""

from dataclasses import replace

import pytest

from bench.soak.judge import Round, judge
from bench.soak.sampler import Sample

HOUR_S = 3_600


def run(mb=lambda at_s: 1_000.0, ms=lambda at_s: 80.0, heap=lambda at_s: 600.0):
    times = range(0, HOUR_S, 30)
    samples = [
        Sample(at_s, {"TaskManager": mb(at_s)}, heap(at_s), 120.0, at_s, 0, at_s // 10, 0)
        for at_s in times
    ]
    return samples, [Round(at_s, ms(at_s), 2 * ms(at_s)) for at_s in times]


def not_flat(samples, rounds):
    return [verdict.name for verdict in judge(samples, rounds, HOUR_S) if not verdict.ok]


def test_what_stays_as_it_is_and_what_grows_at_the_beginning_are_flat():
    assert not_flat(*run()) == []
    assert not_flat(*run(mb=lambda at_s: min(100 + at_s, 1_000))) == []


def test_memory_that_goes_on_growing_is_found():
    assert not_flat(*run(mb=lambda at_s: 1_000 + at_s / 10)) == ["TaskManager, MB"]


def test_a_heap_whose_least_grows_is_found_and_garbage_is_none():
    garbage = run(heap=lambda at_s: 600 + at_s % 300)
    assert not_flat(*garbage) == []
    assert not_flat(*run(heap=lambda at_s: 600 + at_s % 300 + at_s / 10)) == [
        "Java's heap in use, least, MB"
    ]


def test_little_growth_of_a_small_process_is_none():
    assert not_flat(*run(mb=lambda at_s: 100 + at_s / 100)) == []


def test_delays_that_rise_are_found():
    assert not_flat(*run(ms=lambda at_s: 80 + at_s / 20)) == [
        "freshness p50, ms",
        "freshness p99, ms",
    ]


@pytest.mark.parametrize("field", ["failed_checkpoints", "restarts"])
def test_one_failure_is_one_too_many(field):
    samples, rounds = run()
    samples[-1] = replace(samples[-1], **{field: 1})
    assert len(not_flat(samples, rounds)) == 1


def test_a_run_without_samples_at_its_end_is_not_flat():
    samples, rounds = run()
    half = len(samples) // 2
    assert "TaskManager, MB" in not_flat(samples[:half], rounds)
