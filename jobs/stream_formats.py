"""The section `sources.formats` of the configuration: streams whose records have another shape."""

from jobs.config_section import Section


class StreamFormat(Section):
    """What the records of a stream are (docs/formats.md)."""

    mapping: str = ""
    """Mapping that makes records of the contract of them: a TOML file, or the name of one of the
    package (docs/mapping.md)."""

    @property
    def is_plain(self) -> bool:
        """Whether the records are JSON of the contract, which nothing has to be made of."""
        return self == StreamFormat()


class StreamFormats(Section):
    """The formats of the streams whose records people have already; commands are ours."""

    events: StreamFormat = StreamFormat()
    """Events."""
    items: StreamFormat = StreamFormat()
    """Items."""
