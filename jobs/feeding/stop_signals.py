"""Ctrl-C and SIGTERM as something to wait for, so that a file is never left half written."""

import os
import signal
from types import FrameType, TracebackType


class StopSignals:
    """For the length of a `with` block, SIGINT and SIGTERM are noted instead of acted upon.

    `received` is the first of them, `descriptor` can be read from (by `select`) once it is there.
    A second one raises KeyboardInterrupt: opening a pipe that nobody writes to waits for ever. A
    signal that was ignored stays ignored.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self.descriptor, self._write_end = os.pipe()

    def __enter__(self) -> "StopSignals":
        self._before = {
            number: signal.signal(number, self._note)
            for number in (signal.SIGINT, signal.SIGTERM)
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.descriptor)
        os.close(self._write_end)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
        os.write(self._write_end, b"\0")
