"""A registry in an object store, through fsspec: s3://, gs://, memory:// and others."""

import contextlib
import errno
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from udfs.errors import RegistryError, RegistryUnreachableError, UdfError

_BLOCK_BYTES = 1 << 20
_OF_THIS_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of the folder into which a bundle is fetched."""


class ObjectStore:
    """Objects under a prefix; see `udfs.registry.store.Store`.

    An object appears whole or not at all, but a folder of them does not: readers look for the
    object that is written last. Raises RegistryError when the URL's file system is not installed,
    and RegistryUnreachableError, as the methods that read do, when the store does not answer.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        with self._answering():
            try:
                self._fs, self._root = fsspec.core.url_to_fs(self._url)
            except (ImportError, ValueError) as error:
                scheme = url.partition("://")[0]
                raise RegistryError(
                    f"no access to {url}: {error}; for s3:// and gs:// run: "
                    f"pip install 'interestream[{'gs' if scheme in ('gs', 'gcs') else 's3'}]'"
                ) from error

    @property
    def url(self) -> str:
        """The root's URL, without a slash at its end."""
        return self._url

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise RegistryUnreachableError for what a store raises when it is away or refuses."""
        try:
            yield
        except (UdfError, FileNotFoundError, FileExistsError):
            raise
        except Exception as error:  # Each file system has errors of its own, of any class.
            if isinstance(error, OSError) and error.errno in _OF_THIS_DISK:
                raise
            raise RegistryUnreachableError(
                f"the registry at {self._url} does not answer ({type(error).__name__}:"
                f" {' '.join(str(error).split())[:200]}): check the network, and the rights and the"
                " login of this process"
            ) from error

    def read(self, name: str) -> bytes:
        """Return the content of an object.

        Raises FileNotFoundError where there is none.
        """
        # Another process may have written since this one cached its listings.
        with self._answering():
            self._fs.invalidate_cache()
            return bytes(self._fs.cat_file(self._path(name)))

    def write(self, name: str, content: bytes) -> None:
        """Write an object, in place of one that is there."""
        self._fs.pipe_file(self._path(name), content)

    def create(self, name: str, content: bytes) -> None:
        """Write an object.

        Raises FileExistsError where one is there.
        """
        self._fs.pipe_file(self._path(name), content, mode="create")

    def remove(self, name: str) -> None:
        """Remove an object if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def sha256(self, name: str) -> str:
        """Return sha256 (hex) of an object's content, which is read in blocks.

        Raises FileNotFoundError where there is none.
        """
        digest = hashlib.sha256()
        with self._answering(), self._fs.open(self._path(name), "rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def folders(self, name: str = "") -> list[str]:
        """Return the names of the folders in a folder, sorted; hidden ones are left out."""
        found = [entry["name"] for entry in self._list(name) if entry["type"] == "directory"]
        names = (path.rstrip("/").rpartition("/")[2] for path in found)
        return sorted(folder for folder in names if not folder.startswith("."))

    def _list(self, name: str) -> list[dict[str, Any]]:
        with self._answering(), contextlib.suppress(FileNotFoundError):
            self._fs.invalidate_cache()
            return list(self._fs.ls(self._path(name), detail=True))
        return []

    def files(self, name: str) -> list[str]:
        """Return the names of all objects below a folder, relative to it, sorted."""
        folder = self._path(name)
        with self._answering():
            self._fs.invalidate_cache()
            found = self._fs.find(folder)
        # File systems differ in what they put in front of the paths that they list.
        return sorted(path.partition(f"{folder.lstrip('/')}/")[2] for path in found)

    def add_folder(self, local: Path, name: str, last: str) -> None:
        """Upload a local folder to `name`, its file `last` after all others.

        Raises FileExistsError where `name` has that file already, and RegistryError when an object
        has another size than its file.
        """
        if self._fs.exists(self._path(f"{name}/{last}")):
            raise FileExistsError(f"{self.url}/{name}")
        for rest in self.files(name):
            self.remove(f"{name}/{rest}")
        paths = {p.relative_to(local).as_posix(): p for p in local.rglob("*") if p.is_file()}
        for file in sorted(paths, key=lambda file: (file == last, file)):
            path = self._path(f"{name}/{file}")
            self._fs.put_file(str(paths[file]), path)
            written, wanted = int(self._fs.info(path)["size"]), paths[file].stat().st_size
            if written != wanted:
                raise RegistryError(f"{path} has {written} of {wanted} bytes: publish again")

    def remove_folder(self, name: str, first: str) -> None:
        """Remove the objects of a folder, `first` before all others."""
        names = self.files(name)
        for file in sorted(names, key=lambda file: (file != first, file)):
            self.remove(f"{name}/{file}")

    def local(self, name: str, cache: Path) -> Path:
        """Download the files of `name` to `cache / name`, and return that folder."""
        target = cache / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".new-", dir=cache) as workspace:
            folder = Path(workspace) / "folder"
            folder.mkdir()
            for file in self.files(name):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                with self._answering():
                    self._fs.get_file(self._path(f"{name}/{file}"), str(folder / file))
            shutil.rmtree(target, ignore_errors=True)
            with contextlib.suppress(OSError):  # another process has fetched it meanwhile
                folder.rename(target)
        return target
