"""A registry in a folder: what appears in it appears by a rename."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp, mkstemp

from udfs.bundle import sha256_of_file


class FolderStore:
    """Files of a folder on one file system; see `udfs.registry.store.Store`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def url(self) -> str:
        return str(self.root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        with self._aside(name, content) as (aside, target):
            aside.replace(target)

    def create(self, name: str, content: bytes) -> None:
        with self._aside(name, content) as (aside, target):
            os.link(aside, target)  # unlike a rename, fails where something is

    @contextmanager
    def _aside(self, name: str, content: bytes) -> Iterator[tuple[Path, Path]]:
        """A hidden file beside its target, on the disk before it gets its name."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, path = mkstemp(prefix=".new-", dir=target.parent)
        aside = Path(path)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.chmod(0o644)  # a temporary file is its owner's alone
            yield aside, target
            _sync(target.parent)
        finally:
            aside.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def sha256(self, name: str) -> str:
        return sha256_of_file(self.root / name)

    def folders(self, name: str = "") -> list[str]:
        folder = self.root / name
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted(path.name for path in found if path.is_dir() and path.name[0] != ".")

    def files(self, name: str) -> list[str]:
        folder = self.root / name
        return sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )

    def add_folder(self, local: Path, name: str, last: str) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        workspace = Path(mkdtemp(prefix=".new-", dir=self.root))
        try:
            shutil.copytree(local, workspace / "folder")
            for path in workspace.rglob("*"):
                _sync(path)
            try:
                (workspace / "folder").rename(target)
            except OSError:  # something is there
                if (target / last).exists():
                    raise FileExistsError(str(target)) from None
                target.rename(workspace / "rest")
                (workspace / "folder").rename(target)
            _sync(target.parent)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def remove_folder(self, name: str, first: str) -> None:
        workspace = Path(mkdtemp(prefix=".old-", dir=self.root))
        try:
            (self.root / name).rename(workspace / "folder")
            _sync((self.root / name).parent)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def local(self, name: str, cache: Path) -> Path:
        return self.root / name


def _sync(path: Path) -> None:
    """Have the disk hold a file, or a folder's entries, before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
