"""The table of configuration keys, read from the models of `jobs.config`."""

from collections.abc import Iterator

from jobs.config import Config, Section


def config_rows() -> Iterator[tuple[str, str, str]]:
    """Yield (key, default, meaning) of every key except the actions, see docs/contract.md.

    >>> next(config_rows())[0]
    'sources.root'
    """
    config = Config()
    for section, field in Config.model_fields.items():
        model = getattr(config, section)
        if not isinstance(model, Section) or field.annotation is None:
            continue
        for name, info in type(model).model_fields.items():
            meaning = " ".join((info.description or "").split())
            yield f"{section}.{name}", str(getattr(model, name)), meaning
