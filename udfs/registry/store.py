"""What a registry needs of a folder or an object store: files under a root, by name."""

from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Files under a root; names are relative to it, with `/` between parts."""

    @property
    def url(self) -> str:
        """Where the root is, for messages."""
        ...

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises FileNotFoundError where there is none.
        """
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, in place of one that is there."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all.

        Raises FileExistsError where one is there.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        ...

    def sha256(self, name: str) -> str:
        """Return sha256 (hex) of a file's content.

        Raises FileNotFoundError where there is none.
        """
        ...

    def folders(self, name: str = "") -> list[str]:
        """Return the names of the folders in a folder, sorted; hidden ones are left out."""
        ...

    def files(self, name: str) -> list[str]:
        """Return the names of all files below a folder, relative to it, sorted."""
        ...

    def add_folder(self, local: Path, name: str, last: str) -> None:
        """Copy a local folder to `name`, its file `last` after all others.

        A reader that finds `last` finds the whole folder. Raises FileExistsError where `name` has
        that file already.
        """
        ...

    def remove_folder(self, name: str, first: str) -> None:
        """Remove a folder, its file `first` before all others."""
        ...

    def local(self, name: str, cache: Path) -> Path:
        """Return a folder on this machine with the files of `name`, or a copy in `cache`."""
        ...
