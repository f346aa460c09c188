"""The table of configuration keys, read from the models of `jobs.config`."""

from collections.abc import Iterator

from jobs.config import Config
from jobs.config_section import Section


def config_rows() -> Iterator[tuple[str, str, str]]:
    """Yield (key, default, meaning) of every key except the actions, see docs/contract.md.

    >>> next(config_rows())[0]
    'sources.kind'
    """
    yield from _rows_of(Config(), "")


def _rows_of(model: Section, prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, Section):
            yield from _rows_of(value, f"{prefix}{name}.")
        elif prefix:
            meaning = " ".join((info.description or "").split())
            yield f"{prefix}{name}", str(value), meaning
