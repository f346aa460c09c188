"""What was left out of a stream of another shape, on purpose."""

from dataclasses import dataclass

from jobs.mapping.counts import MappingCounts


@dataclass
class StreamCounts:
    """Counts since the step began; records of a list count one by one.

    - `records_in`: records of the stream; `lines`: what was made of them, dead letters included.
    - `undecoded`: records that became dead letters.
    - `ignored`: events and records that are none of ours: an action that the mapping ignores, an
      item that does not match its pattern, a row of a log that names no item or says nothing new
      of it, a heartbeat.
    - `fields`: optional fields of items that were left out, because they could not be read.
    """

    records_in: int = 0
    lines: int = 0
    undecoded: int = 0
    ignored: int = 0
    fields: int = 0

    def add(self, counts: MappingCounts) -> None:
        """Add what a mapper counted."""
        self.ignored += counts.ignored.total() + counts.unmatched
        self.ignored += counts.nameless + counts.repeated
        self.fields += counts.unreadable.total() + counts.unparsed.total()
