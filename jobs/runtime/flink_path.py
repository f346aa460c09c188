"""How Flink writes the path of a folder on this machine."""

from pathlib import Path


def flink_path(folder: Path) -> str:
    """Return the absolute path with Flink's scheme.

    Flink takes a path as it is, unlike a URI: it would make a folder named `a%20b` of `a b`.

    >>> flink_path(Path("/data/check points"))
    'file:///data/check points'
    """
    return f"file://{folder.absolute()}"
