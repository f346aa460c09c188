"""Feeds events at a steady rate, whatever happens to the job."""

import threading
import time
from collections.abc import Iterator

from jobs.datasets.dataset import Line
from jobs.datasets.feed import Feed

EVERY_S = 0.25


class SteadyFeed:
    """Writes `rate` events a second from a thread, until they are used up or `stop` is called."""

    def __init__(self, feed: Feed, events: Iterator[Line], rate: float) -> None:
        self._feed = feed
        self._events = events
        self._rate = rate
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.fed: list[Line] = []
        """The lines that were written, in their order."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the last file is written."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        due, written = time.monotonic(), 0.0
        while not self._stopping.wait(max(due - time.monotonic(), 0.0)):
            due += EVERY_S
            written += self._rate * EVERY_S
            chunk: list[Line] = []
            while len(self.fed) + len(chunk) < written and (line := next(self._events, None)):
                chunk.append(line)
            if chunk:
                self._feed.write_events(chunk)
                self.fed.extend(chunk)
