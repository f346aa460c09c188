"""A registry in a folder, where files and folders appear whole, by a rename."""

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
        """Path of the root folder."""
        return str(self.root)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises FileNotFoundError where there is none.
        """
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, by a rename."""
        with self._aside(name, content) as (aside, target):
            aside.replace(target)

    def create(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all.

        Raises FileExistsError where one is there.
        """
        with self._aside(name, content) as (aside, target):
            os.link(aside, target)  # unlike a rename, this fails where the target exists

    @contextmanager
    def _aside(self, name: str, content: bytes) -> Iterator[tuple[Path, Path]]:
        """Yield a hidden file with the content, which is on the disk, and its target beside it."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, path = mkstemp(prefix=".new-", dir=target.parent)
        aside = Path(path)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.chmod(0o644)  # mkstemp lets only its owner read it
            yield aside, target
            _sync(target.parent)
        finally:
            aside.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self.root / name).unlink(missing_ok=True)

    def sha256(self, name: str) -> str:
        """Return sha256 (hex) of a file's content.

        Raises FileNotFoundError where there is none.
        """
        return sha256_of_file(self.root / name)

    def folders(self, name: str = "") -> list[str]:
        """Return the names of the folders in a folder, sorted; hidden ones are left out."""
        folder = self.root / name
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted(path.name for path in found if path.is_dir() and path.name[0] != ".")

    def files(self, name: str) -> list[str]:
        """Return the names of all files below a folder, relative to it, sorted."""
        folder = self.root / name
        return sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )

    def add_folder(self, local: Path, name: str, last: str) -> None:
        """Copy a local folder to `name`, where it appears whole, by a rename.

        Raises FileExistsError where `name` has the file `last` already.
        """
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        workspace = Path(mkdtemp(prefix=".new-", dir=self.root))
        try:
            shutil.copytree(local, workspace / "folder")
            for path in workspace.rglob("*"):
                _sync(path)
            try:
                (workspace / "folder").rename(target)
            except OSError:  # the target exists
                if (target / last).exists():
                    raise FileExistsError(str(target)) from None
                target.rename(workspace / "rest")
                (workspace / "folder").rename(target)
            _sync(target.parent)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def remove_folder(self, name: str, first: str) -> None:
        """Remove a folder, which disappears whole, by a rename."""
        workspace = Path(mkdtemp(prefix=".old-", dir=self.root))
        try:
            (self.root / name).rename(workspace / "folder")
            _sync((self.root / name).parent)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def local(self, name: str, cache: Path) -> Path:
        """Return the folder itself; nothing is copied to `cache`."""
        return self.root / name


def _sync(path: Path) -> None:
    """Wait until a file, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
