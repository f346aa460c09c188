"""The section `sources.formats` of the configuration: streams whose records have another shape."""

from typing import Literal

from jobs.config_section import Section
from jobs.format_settings import FormatSettings

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

    events: StreamFormat = StreamFormat()
    """Events."""
    items: StreamFormat = StreamFormat()
    """Items."""

    def foreign_formats(self) -> dict[ForeignStream, StreamFormat]:
        """The formats of the streams whose records are not JSON of the contract."""
        streams: dict[ForeignStream, StreamFormat] = {"events": self.events, "items": self.items}
        return {name: form for name, form in streams.items() if not form.is_plain}

    @property
    def foreign(self) -> frozenset[str]:
        """The streams whose records are not JSON of the contract."""
        return frozenset(self.foreign_formats())
