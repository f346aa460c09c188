"""Starts and stops the embedded PostgreSQL.

The package's own launcher is not used: it listens on a Unix socket only, needs no password, and
creates a system user when it runs as root. Here the server listens on 127.0.0.1 only and requires
a password, which is in a file (mode 0600) of its data directory. When root starts it, it runs as
the owner of that directory (`nobody` for a new one).
"""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from jobs.local.postgres.data_directory import (
    PASSWORD_FILE,
    USER,
    Owner,
    binaries,
    prepare,
    run_as,
)
from jobs.local.postgres.errors import (
    AlreadyRunningError,
    PortTakenError,
    StartError,
    StopError,
)
from jobs.runtime.processes import die_with_parent, free_port, port_taken

HOST = "127.0.0.1"
DATABASE = "postgres"
LOG_FILE = "interestream_server.log"

SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "10min",
    "maintenance_work_mem": "256MB",  # an HNSW graph that does not fit is built many times slower
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling takes longer than our queries
    "max_connections": "100",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "logging_collector": "off",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """A running server: its folder, process id, port on 127.0.0.1 and password."""

    data_dir: Path
    pid: int
    port: int
    password: str = field(repr=False)

    @property
    def dsn(self) -> str:
        """Connection string (URI) of the superuser."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """Return the connection string for another database of this server."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"


def running(data_dir: Path) -> Server | None:
    """Return the server that runs on `data_dir` and accepts connections, or None."""
    data_dir = data_dir.resolve()
    lines = _pid_file_lines(data_dir)
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    pid = int(lines[0])
    if not _is_server_of(pid, data_dir):
        return None
    return Server(data_dir, pid, int(lines[3]), (data_dir / PASSWORD_FILE).read_text().strip())


def start(
    data_dir: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
    dies_with_caller: bool = False,
) -> Server:
    """Start a server on `data_dir` and wait until it answers.

    A missing or empty folder is set up first. `port` None means a free one. `settings` override
    SETTINGS. The server runs until `stop(data_dir)`, also after the caller has exited. With
    `dies_with_caller` it also stops, on Linux, when the thread that started it ends.

    Raises AlreadyRunningError when a server runs on `data_dir`, DataDirError when the folder
    cannot be used, PortTakenError when `port` is in use, StartError when the server does not
    answer within `timeout_s` seconds, and NotInstalledError when the package is missing.
    """
    data_dir = data_dir.resolve()
    if (other := running(data_dir)) is not None:
        raise AlreadyRunningError(
            f"Postgres already runs on {data_dir} (process {other.pid}, port {other.port}): "
            "use it, or stop it first"
        )
    if port is not None and port_taken(port):
        raise PortTakenError(f"port {port} on {HOST} is taken: name another one, or none")
    owner = prepare(data_dir)
    _remove_stale_pid_file(data_dir)
    for attempt in range(3):
        chosen_port = free_port() if port is None else port
        try:
            return _launch(
                data_dir, owner, chosen_port, settings or {}, timeout_s, dies_with_caller
            )
        except StartError:
            # Another process may have taken the port after it was found free.
            if port is not None or attempt == 2 or not port_taken(chosen_port):
                raise
    raise AssertionError("unreachable")


def stop(data_dir: Path, *, timeout_s: float = 60.0) -> bool:
    """Stop the server on `data_dir`, ending its sessions; return False when none runs.

    Raises StopError when it still runs after `timeout_s` seconds.
    """
    data_dir = data_dir.resolve()
    lines = _pid_file_lines(data_dir)
    if not lines or not _is_server_of(int(lines[0]), data_dir):
        return False
    process = psutil.Process(int(lines[0]))
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout_s)
    except psutil.TimeoutExpired as error:
        raise StopError(
            f"Postgres (process {process.pid}) still runs {timeout_s:.0f} s after the "
            f"request to stop; see {data_dir / LOG_FILE}"
        ) from error
    return True


@contextlib.contextmanager
def embedded_postgres(
    data_dir: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server for the length of a `with` block; arguments and errors are those of `start`.

    On Linux it also stops when the process of the block is killed.
    """
    server = start(data_dir, port=port, settings=settings, dies_with_caller=True)
    try:
        yield server
    finally:
        stop(data_dir)


def log_tail(data_dir: Path, lines: int = 5) -> str:
    """Return the last lines of a server's log; empty if there is none."""
    try:
        log = (data_dir / LOG_FILE).read_text(errors="replace").strip()
    except OSError:
        return ""
    return "\n".join(log.splitlines()[-lines:])


@contextlib.contextmanager
def temporary_postgres(*, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server on a temporary data directory for the length of a `with` block.

    For tests: it does not survive a crash of the machine, since it does not wait for the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="interestream-pg-"))
    folder.chmod(0o711)
    fast = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    try:
        with embedded_postgres(folder / "data", settings={**fast, **(settings or {})}) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _launch(
    data_dir: Path,
    owner: Owner,
    port: int,
    settings: Mapping[str, str],
    timeout_s: float,
    dies_with_caller: bool,
) -> Server:
    fixed = {"listen_addresses": HOST, "port": str(port)}
    command = [str(binaries() / "postgres"), "-D", str(data_dir)]
    for name, value in {**SETTINGS, **_shared_memory(), **settings, **fixed}.items():
        command += ["-c", f"{name}={value}"]
    log_file = data_dir / LOG_FILE
    with log_file.open("ab") as log:
        log_start = log.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=data_dir,
            start_new_session=True,  # Ctrl-C in the terminal must not reach the server
            preexec_fn=die_with_parent(signal.SIGINT) if dies_with_caller else None,  # noqa: PLW1509
            **run_as(owner),
        )
    deadline = time.monotonic() + timeout_s
    while process.poll() is None and time.monotonic() < deadline:
        lines = _pid_file_lines(data_dir)
        if len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == process.pid:
            return Server(
                data_dir, process.pid, port, (data_dir / PASSWORD_FILE).read_text().strip()
            )
        time.sleep(0.02)
    failure = "did not answer in time" if process.poll() is None else "ended at once"
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait()
    with log_file.open("rb") as log:
        log.seek(log_start)
        output = log.read().decode(errors="replace").strip()
    raise StartError(f"Postgres on {data_dir} {failure}; its log:\n{output}")


def _shared_memory() -> dict[str, str]:
    # A parallel index build takes its memory from /dev/shm, which has 64 MB in most containers.
    shm = Path("/dev/shm")  # noqa: S108
    if shm.is_dir() and shutil.disk_usage(shm).free < 512 * 1024 * 1024:
        return {"dynamic_shared_memory_type": "mmap"}
    return {}


def _pid_file_lines(data_dir: Path) -> list[str]:
    try:
        return (data_dir / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_server_of(pid: int, data_dir: Path) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
            return False
        return Path(process.cwd()) == data_dir
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # a Postgres of another user: assume that it uses the data directory


def _remove_stale_pid_file(data_dir: Path) -> None:
    """Remove the pid file of a server that was killed.

    Postgres removes it itself, but not when another process has the old process id by then. That
    is likely in a container, where process ids start from 1 again.
    """
    lines = _pid_file_lines(data_dir)
    if lines and not _is_server_of(int(lines[0]), data_dir):
        (data_dir / "postmaster.pid").unlink()
