"""A lock on a name: one export at a time, and a dead export does not block the next."""

import fcntl
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from model_export.errors import ExportRunningError
from udfs.registry.folder_store import FolderStore
from udfs.registry.reference import require_name
from udfs.registry.registry import Registry
from udfs.registry.store import Store

log = logging.getLogger(__name__)

LOCK_FILE = ".lock"
BEAT_S = 30.0
"""Time between two signs of life of the holder of an object store's lock."""
STALE_S = 300.0
"""Without a sign of life for this long, the holder of an object store's lock counts as dead."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock, as it is written into the lock."""

    token: str
    host: str
    pid: int
    alive_at: str
    """Time of the last sign of life: RFC 3339, UTC."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, last seen {self.alive_at}"


class Lock:
    """A held lock."""

    def __init__(self, require: Callable[[], None], stale: Holder | None) -> None:
        self.require = require
        """Raises ExportRunningError when another export has taken the lock over since."""
        self.taken_over_from = stale
        """The dead holder that the lock was taken from, if there was one."""


@contextmanager
def export_lock(registry: Registry, name: str) -> Iterator[Lock]:
    """Hold the lock on a name.

    In a folder it is the kernel's lock on a file, which dies with its process. In an object
    store it is an object with a sign of life every 30 s; the lock of a holder that has given
    none for five minutes is taken over. Raises ExportRunningError, which names the holder, when
    another export has the lock.
    """
    require_name(name)
    store = registry.store
    if isinstance(store, FolderStore):
        with _folder_lock(store.root / name / LOCK_FILE, name) as lock:
            yield lock
    else:
        with _object_lock(store, f"{name}/{LOCK_FILE}", name) as lock:
            yield lock


@contextmanager
def _folder_lock(path: Path, name: str) -> Iterator[Lock]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(name, _holder(path.read_bytes())) from None
        stream.seek(0)
        stale = _holder(stream.read())
        _overwrite(stream.fileno(), _to_json(_new_holder()))
        try:
            yield Lock(lambda: None, stale)
        finally:
            _overwrite(stream.fileno(), b"")


def _overwrite(handle: int, content: bytes) -> None:
    os.ftruncate(handle, 0)
    os.write(handle, content)


@contextmanager
def _object_lock(store: Store, path: str, name: str) -> Iterator[Lock]:
    mine = _new_holder()
    stale = _take(store, path, name, mine)

    def require() -> None:
        holder = _read(store, path)
        if holder is None or holder.token != mine.token:
            raise _locked(name, holder)

    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            try:
                require()
                store.write(path, _to_json(replace(mine, alive_at=_now())))
            except ExportRunningError:
                return
            except Exception as error:  # each store has its own; the next beat may succeed
                log.warning("no sign of life given to %s: %s", store.url, error)

    heart = threading.Thread(target=beat, name="export lock", daemon=True)
    heart.start()
    try:
        yield Lock(require, stale)
    finally:
        ended.set()
        heart.join()
        holder = _read(store, path)
        if holder is not None and holder.token == mine.token:
            store.remove(path)


def _take(store: Store, path: str, name: str, mine: Holder) -> Holder | None:
    """Create the lock, and return the dead holder that it was taken from, if any."""
    stale = None
    try:
        store.create(path, _to_json(mine))
    except FileExistsError:
        stale = _read(store, path)
        if stale is not None and not is_stale(stale, datetime.now(UTC)):
            raise _locked(name, stale) from None
        store.remove(path)
        try:
            store.create(path, _to_json(mine))
        except FileExistsError:  # another export took it over first
            raise _locked(name, _read(store, path)) from None
    return stale


def is_stale(holder: Holder, now: datetime) -> bool:
    """Return whether a holder has given no sign of life for more than STALE_S seconds."""
    return now - datetime.fromisoformat(holder.alive_at) > timedelta(seconds=STALE_S)


def _read(store: Store, path: str) -> Holder | None:
    try:
        return _holder(store.read(path))
    except FileNotFoundError:
        return None


def _holder(raw: bytes) -> Holder | None:
    """Parse a lock's content; None for an empty or broken one."""
    try:
        return Holder(**orjson.loads(raw))
    except (orjson.JSONDecodeError, TypeError):
        return None


def _to_json(holder: Holder) -> bytes:
    return orjson.dumps(asdict(holder))


def _new_holder() -> Holder:
    return Holder(uuid.uuid4().hex, socket.gethostname(), os.getpid(), _now())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _locked(name: str, holder: Holder | None) -> ExportRunningError:
    return ExportRunningError(
        f"another export of {name} is running ({holder or 'it has just begun'}): wait for its end"
    )
