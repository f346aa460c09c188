"""The mappings that come with the package, by name."""

import tomllib
from importlib.resources import files
from pathlib import Path

from jobs.mapping.errors import MappingError
from jobs.mapping.read_mapping import mapping_of, read_mapping
from jobs.mapping.tables import TableMapping

_FOLDER = files("jobs.mapping").joinpath("ready")


def ready_names() -> list[str]:
    """The names of all mappings of the package, sorted."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def ready_source(name: str) -> str:
    """The TOML text of a mapping of the package; raises MappingError for an unknown name."""
    if name not in ready_names():
        raise MappingError(
            f"'{name}' is neither a file nor a mapping of the package, which has"
            f" {', '.join(ready_names())}"
        )
    return _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def ready_summary(name: str) -> str:
    """What a mapping of the package reads: its first line."""
    return ready_source(name).partition("\n")[0].removeprefix("#").strip()


def find_mapping(given: Path | str) -> TableMapping:
    """The mapping of a file, or the one of the package that has this name.

    Raises MappingError, which lists the names.
    """
    path = Path(given)
    if path.exists() or path.suffix == ".toml" or len(path.parts) > 1:
        return read_mapping(path)
    return mapping_of(tomllib.loads(ready_source(str(given))), str(given), str(given))
