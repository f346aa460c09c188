"""Child processes that end with their parent, and free ports for them."""

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
    """Start a process in a new session, with its output appended to the file `log`.

    On Linux the kernel ends it when the thread that called `start` ends.
    """
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


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` with which a child receives `death_signal` when its parent ends.

    The kernel sends the signal when the thread that started the child ends, for whatever reason.
    None on other systems than Linux.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    set_parent_death_signal = 1

    def request_signal() -> None:
        prctl(set_parent_death_signal, int(death_signal), 0, 0, 0)

    return request_signal


def stop(process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> None:
    """End the whole session of a process that `start` started.

    Sends SIGTERM, waits up to `timeout_s` seconds until the process ends, and then sends SIGKILL to
    what is left of its session.
    """
    for stop_signal, wait_s in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait_s)
            break
    # The process has ended, but processes that it started may still run.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


# Below the range from which Linux and macOS choose ports for outgoing connections and for port 0.
# A port of that range could be taken between the search and its use.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free now.

    It lies outside of the range from which the system chooses ports, unless none there is free.
    """
    for port in random.SystemRandom().sample(_PORTS, 100):
        if not port_taken(port):
            return port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        system_port: int = listener.getsockname()[1]
        return system_port


def port_taken(port: int) -> bool:
    """Return whether a TCP port of the loopback interface is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
