"""What the job would make of records of another shape, for commands that write them."""

from collections.abc import Sequence

from jobs.config import Config
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.judges import judge_of
from jobs.decoding.decode_settings import DecodeSettings, read_formats
from jobs.errors import ConfigError


class ForeignRecords:
    """Decodes and maps lines of a stream as the job does."""

    def __init__(self, settings: DecodeSettings) -> None:
        self._lines = settings.compile()
        self._judge = judge_of(settings.stream, settings.rules)

    def dead(self, lines: Sequence[bytes]) -> list[DeadLetter]:
        """The dead letters among the lines."""
        return self._judge(self._lines(lines))

    def first(self, line: bytes) -> bytes:
        """The first record of the contract that a line becomes; empty where there is none."""
        return next(iter(self._lines([line])), b"")


def foreign_records(stream: str, config: Config) -> ForeignRecords | None:
    """How the job reads a stream of another shape; None for JSON of the contract.

    Raises ConfigError where its records are no lines, and MappingError for a mapping that cannot
    be used.
    """
    settings = read_formats(config).get(stream)
    if settings is None:
        return None
    if settings.format.encoding != "json":
        raise ConfigError(
            f"the stream of {stream} holds records in {settings.format.encoding.capitalize()}"
            f" (sources.formats.{stream}.encoding), which lines cannot be: write them with a"
            " producer of your own"
        )
    return ForeignRecords(settings)
