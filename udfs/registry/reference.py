"""References to published bundles: `NAME@VERSION` and `NAME@latest`."""

import re
from dataclasses import dataclass

from udfs.errors import RegistryError

LATEST = "latest"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Reference:
    """A bundle of a registry; `version` may be `latest`."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def is_reference(text: str) -> bool:
    """Return whether a text is a reference rather than a folder's path.

    >>> is_reference("minilm@latest"), is_reference("bundles/minilm/1"), is_reference("./a@b")
    (True, False, False)
    """
    name, at, version = text.partition("@")
    return bool(at and _NAME.fullmatch(name) and _NAME.fullmatch(version))


def parse_reference(text: str) -> Reference:
    """Parse `NAME@VERSION`; `NAME` alone is its latest version.

    Raises RegistryError for any other text.

    >>> parse_reference("minilm")
    Reference(name='minilm', version='latest')
    """
    name, at, version = text.partition("@")
    reference = Reference(name, version if at else LATEST)
    require_name(reference.name)
    require_name(reference.version)
    return reference


def require_name(text: str) -> None:
    """Raise RegistryError unless a text can name a bundle or a version.

    Names become folders, so separators and a leading dot are refused.
    """
    if not _NAME.fullmatch(text):
        raise RegistryError(
            f"{text!r} names no bundle or version: use letters, digits, dot, dash and underscore, "
            "as in minilm@latest"
        )
