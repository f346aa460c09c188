"""Files under a root, by relative name: what a registry needs of a folder or an object store."""

from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Names are relative, with `/` between parts."""

    @property
    def url(self) -> str:
        """Where the root is, for messages."""
        ...

    def read(self, name: str) -> bytes:
        """Content of a file; FileNotFoundError where there is none."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, over what is there."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Write a file that must not be there; FileExistsError where it is."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        ...

    def sha256(self, name: str) -> str:
        """sha256 (hex) of a file's content; FileNotFoundError where there is none."""
        ...

    def folders(self, name: str = "") -> list[str]:
        """Names of the folders in a folder, sorted; hidden ones are left out."""
        ...

    def files(self, name: str) -> list[str]:
        """Names of all files below a folder, relative to it, sorted."""
        ...

    def add_folder(self, local: Path, name: str, last: str) -> None:
        """Copy or move a local folder in, its file `last` after all others.

        Nobody who looks for `last` ever sees a part. FileExistsError where `name` has that file.
        """
        ...

    def remove_folder(self, name: str, first: str) -> None:
        """Remove a folder, its file `first` before all others."""
        ...

    def local(self, name: str, cache: Path) -> Path:
        """A folder on this machine with the files of `name`: itself, or a copy under `cache`."""
        ...
