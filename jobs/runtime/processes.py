"""Child processes that leave nothing behind."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def start(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )


def die_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """Code for a child, between fork and exec, that asks the kernel to send it `sign` when the
    thread that started it is gone, however it ended; None where there is no such kernel."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    set_parent_death_signal = 1

    def ask() -> None:
        prctl(set_parent_death_signal, int(sign), 0, 0, 0)

    return ask


def stop(process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> None:
    """Ask the whole session to end, then insist."""
    for sign, patience_s in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            break
    # The leader is gone; workers that it had started may not be.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


# Below what Linux and macOS give to outgoing connections and to whoever asks for any port: such a
# port could be taken in the seconds between finding it free and using it.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on now, nor is given by chance."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        if not port_taken(port):
            return port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        found: int = listener.getsockname()[1]
        return found


def port_taken(port: int) -> bool:
    """Whether somebody listens on this TCP port of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
