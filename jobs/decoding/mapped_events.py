"""Makes lines of events of the rows of a stream."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from jobs.core.parsing.judges import Judge
from jobs.core.parsing.rules import Rules
from jobs.decoding.checked_rows import checked_lines
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.counts import MappingCounts
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.tables import EventMapping

_NONE = type(None)


class MappedEvents:
    """Maps batches of rows, and finds the events that the job would not accept.

    Later it would be too late: a dead letter of the mapped event does not show the record as it
    came. A batch of which all is acceptable, nearly every one, is mapped at once and judged by its
    columns.
    """

    def __init__(self, mapping: EventMapping, rules: Rules, judge: Judge) -> None:
        self._mapper = EventMapper(mapping, endless=True)
        self._has_text = mapping.text is not None
        self._rules, self._judge = rules, judge

    def __call__(
        self, rows: Sequence[Mapping[str, Any]], raw: Sequence[bytes], counts: StreamCounts
    ) -> list[bytes]:
        """The lines of rows, whose records came as the bytes `raw`."""
        lines = self.at_once(rows, counts)
        if lines is not None:
            return lines
        mapper = self._mapper
        mapper.counts = MappingCounts()
        lines = [
            line
            for row, record in zip(rows, raw, strict=True)
            for line in checked_lines(mapper([row]), record, self._judge, counts)
        ]
        counts.add(mapper.counts)
        return lines

    def at_once(
        self, rows: Sequence[Mapping[str, Any]], counts: StreamCounts
    ) -> list[bytes] | None:
        """The lines of rows; None unless all of them are sure to be accepted."""
        mapper = self._mapper
        mapper.counts = MappingCounts()
        events = mapper(rows)
        lines = self._sure_lines(events) if events else []
        if lines is not None:
            counts.add(mapper.counts)
        return lines

    def _sure_lines(self, events: Sequence[dict[str, Any]]) -> list[bytes] | None:
        rules = self._rules
        latest_ms = round(time.time() * 1000) + rules.latest_ahead_ms
        try:
            if not rules.actions.issuperset([event["action"] for event in events]):
                return None
            times = [event["event_time"] for event in events]
            if min(times) < rules.earliest_ms or max(times) > latest_ms:
                return None
            lines = [orjson.dumps(event) for event in events]
        except (KeyError, TypeError):
            # A field is missing; or a time in RFC 3339, an action that is a list, a number beyond
            # 64 bits, half of a surrogate pair.
            return None
        if self._mapper.counts.broken or not _are_ids(events):
            return None
        if self._has_text and not {_NONE, str}.issuperset([type(e.get("text")) for e in events]):
            return None
        is_short = max(map(len, lines)) <= rules.max_id_chars
        if is_short and b"\\u0000" not in b"".join(lines):
            return lines
        return None if self._judge(lines) else lines


def _are_ids(events: Sequence[Mapping[str, Any]]) -> bool:
    kinds = {type(event["user_id"]) for event in events}
    kinds.update([type(event["event_id"]) for event in events])
    kinds.update([type(event.get("item_id", "")) for event in events])
    return kinds <= {str, int}
