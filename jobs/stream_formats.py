"""The section `sources.formats` of the configuration: streams whose records have another shape."""

from typing import Any, Literal

from pydantic import model_validator

from jobs.config_section import Section
from jobs.format_settings import FormatSettings, SchemaRegistry

ForeignStream = Literal["events", "items"]
"""The streams that can have a format of their own; commands are ours."""


class StreamFormat(FormatSettings):
    """What the records of a stream are, and how the contract's are made of them."""

    mapping: str = ""
    """Mapping that makes records of the contract of the rows: a TOML file, or the name of one of
    the package (docs/mapping.md). Without one the rows are records of the contract."""

    @property
    def is_plain(self) -> bool:
        """Whether the records are JSON of the contract, of which nothing has to be made."""
        return self == StreamFormat()

    @property
    def is_rows_of_json(self) -> bool:
        """Whether a row is a record as it stands, an object of JSON."""
        return self.encoding == "json" and self.envelope == "none"


class StreamFormats(Section):
    """The formats of the streams whose records people have already."""

    schema_registry: SchemaRegistry = SchemaRegistry()
    """The schema registry of both streams, unless one has its own."""

    events: StreamFormat = StreamFormat()
    """Events."""
    items: StreamFormat = StreamFormat()
    """Items."""

    @model_validator(mode="before")
    @classmethod
    def _streams_share_a_registry(cls, given: object) -> object:
        if not isinstance(given, dict) or not given.get("schema_registry"):
            return given
        shared = {"schema_registry": given["schema_registry"]}
        return {
            name: {**shared, **form} if _needs_registry(form) else form
            for name, form in given.items()
        }

    def foreign_formats(self) -> dict[ForeignStream, StreamFormat]:
        """The formats of the streams whose records are not JSON of the contract."""
        streams: dict[ForeignStream, StreamFormat] = {"events": self.events, "items": self.items}
        return {name: form for name, form in streams.items() if not form.is_plain}

    @property
    def foreign(self) -> frozenset[str]:
        """The streams whose records are not JSON of the contract."""
        return frozenset(self.foreign_formats())


def add_registry_password(sources: dict[str, Any], password: str) -> None:
    """Add the password of the schema registry; that of the file stays."""
    if not password or not isinstance(formats := sources.get("formats"), dict):
        return
    if isinstance(registry := formats.get("schema_registry"), dict):
        registry.setdefault("password", password)


def _needs_registry(form: object) -> bool:
    if not isinstance(form, dict):
        return False
    return form.get("encoding", "json") != "json" and not form.get("schema_file")
