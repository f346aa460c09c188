"""What a stream's decode step does: its format and its mapping, as they were at the start."""

from dataclasses import dataclass

from jobs.config import Config
from jobs.core.parsing.cut_lines import kept_bytes
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.withdraw_all import withdraw_all_line
from jobs.decoding.checked_rows import CheckedRows, item_ids
from jobs.decoding.contract_lines import ContractLines
from jobs.decoding.mapped_events import MappedEvents
from jobs.decoding.mapped_items import MappedItems
from jobs.formats.decoder import decoder, read_schema_file
from jobs.mapping.errors import MappingError
from jobs.mapping.ready_made import find_mapping
from jobs.mapping.tables import EventMapping, ItemMapping
from jobs.stream_formats import ForeignStream, StreamFormat


@dataclass(frozen=True)
class DecodeSettings:
    """The format of a stream with its mapping; it is pickled into the job."""

    stream: ForeignStream
    format: StreamFormat
    rules: Rules
    buckets: int
    """Buckets of the items, which all lose theirs where the table of items is emptied."""
    mapping: ItemMapping | EventMapping | None = None
    schema: bytes | None = None
    """The content of the schema file."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What is read of a record: its `line`, and its `id` (the key) and `headers` if need be."""
        form = self.format
        reads_key = self.stream == "items" or form.envelope == "debezium"
        reads_headers = form.envelope == "cloudevents" or form.encoding != "json"
        return ("line", *(("id",) if reads_key else ()), *(("headers",) if reads_headers else ()))

    @classmethod
    def read(
        cls, stream: ForeignStream, given: StreamFormat, rules: Rules, buckets: int
    ) -> "DecodeSettings":
        """Read the mapping and the schema file that a stream names, where it names them.

        Raises MappingError and ConfigError where they cannot be used for a stream.
        """
        mapping = _table(stream, given.mapping) if given.mapping else None
        settings = cls(stream, given, rules, buckets, mapping, read_schema_file(given))
        try:
            settings.compile()
        except MappingError as error:
            raise MappingError(f"{_key(stream)} '{given.mapping}': {error}") from error
        return settings

    def compile(self) -> ContractLines:
        """The function from records to lines of the contract."""
        judge = judge_of(self.stream, self.rules)
        longest = kept_bytes(self.rules.max_line_bytes)
        decode = decoder(
            self.format, self.stream, mapped=self.mapping is not None, schema=self.schema
        )
        if isinstance(self.mapping, ItemMapping):
            items = MappedItems(self.mapping, judge)
            return ContractLines(
                decode, items, judge, longest, withdrawn=items.withdrawn, emptied=self._emptied()
            )
        if isinstance(self.mapping, EventMapping):
            events = MappedEvents(self.mapping, self.rules, judge)
            at_once = events.at_once if self.format.is_rows_of_json else None
            return ContractLines(decode, events, judge, longest, at_once=at_once)
        rows = CheckedRows(judge)
        if self.stream == "events":
            return ContractLines(decode, rows, judge, longest)
        return ContractLines(
            decode, rows, judge, longest, withdrawn=item_ids, emptied=self._emptied()
        )

    def _emptied(self) -> list[bytes]:
        return [withdraw_all_line(bucket) for bucket in range(self.buckets)]


def read_formats(config: Config) -> dict[str, DecodeSettings]:
    """The settings of the streams whose records are not of the contract.

    Raises MappingError where a mapping cannot be used for its stream.
    """
    rules = Rules.of(config.limits, frozenset(config.actions))
    return {
        stream: DecodeSettings.read(stream, form, rules, config.batching.buckets)
        for stream, form in config.sources.formats.foreign_formats().items()
    }


def _key(stream: str) -> str:
    return f"sources.formats.{stream}.mapping"


def _table(stream: ForeignStream, name: str) -> ItemMapping | EventMapping:
    mapping = find_mapping(name)
    if stream == "items":
        if mapping.items is None:
            raise MappingError(f"{_key(stream)} '{name}' has no table 'items'")
        return mapping.items
    if len(mapping.events) != 1:
        raise MappingError(
            f"{_key(stream)} '{name}' has {len(mapping.events) or 'no'} tables of events: a stream"
            " needs exactly one"
        )
    return mapping.events[0]
