"""Removes the wait at the end of every bundle (batch of elements) of Beam's worker."""

import threading


def without_state_sampling() -> None:
    """Let bundles of this process end as soon as their work is done.

    While a bundle runs, a thread of Beam's samples the step at work, in the end every 200 ms, and
    the bundle ends only when that thread wakes up. For 256 texts of 7 ms this wait is a tenth of
    the encoder's time. The samples are not read: Flink measures its operators itself. A second
    call changes nothing.
    """
    from apache_beam.runners.worker import statesampler  # noqa: PLC0415 (only workers have it)

    def start(self: statesampler.StateSampler) -> None:
        self.tracked_thread = threading.current_thread()
        statesampler.set_current_tracker(self)
        self.started = True

    def stop(self: statesampler.StateSampler) -> None:
        statesampler.set_current_tracker(None)
        self.finished = True

    statesampler.StateSampler.start = start
    statesampler.StateSampler.stop = stop
