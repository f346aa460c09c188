"""Bundles end without waiting for Beam's sampling thread."""

import threading
from collections.abc import Iterator

import pytest
from apache_beam.runners.worker import statesampler
from apache_beam.utils.counters import CounterFactory

from udfs.beam_sampling import without_state_sampling


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Iterator[statesampler.StateSampler]:
    for name in ("start", "stop"):
        monkeypatch.setattr(
            statesampler.StateSampler, name, getattr(statesampler.StateSampler, name)
        )
    without_state_sampling()
    yield statesampler.StateSampler("step", CounterFactory())
    statesampler.set_current_tracker(None)


def test_a_bundle_has_no_thread_to_wait_for(sampler: statesampler.StateSampler) -> None:
    threads = threading.active_count()

    sampler.start()

    assert threading.active_count() == threads
    assert statesampler.get_current_tracker() is sampler
    with sampler.scoped_state("step", "process"):
        assert sampler.current_state().name.name == "process-msecs"
    assert sampler.get_info().tracked_thread is threading.current_thread()
    sampler.stop_if_still_running()
    assert statesampler.get_current_tracker() is None


def test_one_bundle_follows_the_other(sampler: statesampler.StateSampler) -> None:
    for _ in range(3):
        assert not sampler.started
        sampler.start()
        sampler.stop_if_still_running()
        assert sampler.finished
        sampler.reset()
