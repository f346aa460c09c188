"""A registry in an object store, through fsspec: s3://, gs://, memory:// and others."""

import contextlib
import hashlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from udfs.errors import RegistryError

_BLOCK_BYTES = 1 << 20


class ObjectStore:
    """Objects under a prefix; see `udfs.registry.store.Store`.

    An object appears whole or not at all, a folder of them does not: readers look for the one
    that is written last.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
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
        return self._url

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def read(self, name: str) -> bytes:
        # Others may have written since this process last looked.
        self._fs.invalidate_cache()
        return bytes(self._fs.cat_file(self._path(name)))

    def write(self, name: str, content: bytes) -> None:
        self._fs.pipe_file(self._path(name), content)

    def create(self, name: str, content: bytes) -> None:
        self._fs.pipe_file(self._path(name), content, mode="create")

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._fs.open(self._path(name), "rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def folders(self, name: str = "") -> list[str]:
        found = [entry["name"] for entry in self._list(name) if entry["type"] == "directory"]
        names = (path.rstrip("/").rpartition("/")[2] for path in found)
        return sorted(folder for folder in names if not folder.startswith("."))

    def _list(self, name: str) -> list[dict[str, Any]]:
        self._fs.invalidate_cache()
        try:
            return list(self._fs.ls(self._path(name), detail=True))
        except FileNotFoundError:
            return []

    def files(self, name: str) -> list[str]:
        self._fs.invalidate_cache()
        folder = self._path(name)
        found = self._fs.find(folder)
        # Some file systems put the root of all in front of what they list.
        return sorted(path.partition(f"{folder.lstrip('/')}/")[2] for path in found)

    def add_folder(self, local: Path, name: str, last: str) -> None:
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
        names = self.files(name)
        for file in sorted(names, key=lambda file: (file != first, file)):
            self.remove(f"{name}/{file}")

    def local(self, name: str, cache: Path) -> Path:
        target = cache / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".new-", dir=cache) as workspace:
            folder = Path(workspace) / "folder"
            folder.mkdir()
            for file in self.files(name):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                self._fs.get_file(self._path(f"{name}/{file}"), str(folder / file))
            shutil.rmtree(target, ignore_errors=True)
            with contextlib.suppress(OSError):  # somebody else was as quick
                folder.rename(target)
        return target
