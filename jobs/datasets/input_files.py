"""The files that a name or a pattern stands for."""

from pathlib import Path

from jobs.datasets.errors import DatasetFileError

_WILD = frozenset("*?[")


def input_files(path: Path) -> list[Path]:
    """The file of this path, or all that fit it where it is a pattern, sorted by name.

    `*`, `?` and `[...]` stand for parts of names, `**` for folders; a file of that very name comes
    first. Hidden files are left out. Raises DatasetFileError where there is none.
    """
    if path.is_file():
        return [path]
    parts = path.parts
    wild = next((n for n, part in enumerate(parts) if _WILD & set(part)), None)
    if wild is None:
        if path.is_dir():
            raise DatasetFileError(f"{path} is a folder: name its files, such as {path.name}/*.csv")
        raise DatasetFileError(f"there is no file {path}{_beside(path.parent)}")
    root = Path(*parts[:wild])
    found = [
        file
        for file in root.glob("/".join(parts[wild:]))
        if file.is_file() and not file.name.startswith((".", "_"))
    ]
    if not found:
        raise DatasetFileError(f"no file fits {path}{_beside(root)}")
    return sorted(found, key=lambda file: file.relative_to(root).parts)


def _beside(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    names = sorted(entry.name for entry in folder.iterdir())
    more = ", ..." if len(names) > 12 else ""
    return f"; the folder holds {', '.join(names[:12]) or 'nothing'}{more}"
