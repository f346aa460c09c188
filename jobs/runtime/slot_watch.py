"""Notices that a job of an in-process cluster has lost its slots for good."""

import time

from jobs.runtime.flink_rest import FlinkRest

PATIENCE_S = 30.0
"""A restart takes the slots within seconds, also on a busy machine."""


class SlotWatch:
    """Asks a cluster again and again whether a job that counts as running holds a slot.

    In one process nobody replaces a TaskExecutor that has ended: Flink keeps the job RUNNING, and
    nothing moves any more.
    """

    def __init__(self, patience_s: float | None = None) -> None:
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._without_since_s: float | None = None

    def lost(self, rest: FlinkRest, state: str) -> bool:
        """Return whether a job in `state` has had no slot for as long as the patience lasts."""
        if state != "RUNNING" or rest.used_slots() != 0:
            self._without_since_s = None
            return False
        now_s = time.monotonic()
        if self._without_since_s is None:
            self._without_since_s = now_s
        return now_s - self._without_since_s >= self._patience_s
