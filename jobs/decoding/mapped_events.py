"""Makes lines of events of the rows of a stream."""

import time
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import orjson

from jobs.core.parsing.judges import Judge
from jobs.core.parsing.rules import Rules
from jobs.decoding.checked_rows import checked_lines
from jobs.decoding.lines_of_users import LinesOfUsers
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.counts import MappingCounts
from jobs.mapping.event_columns import EventFields
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.tables import EventMapping

_NONE = type(None)


class _Line(msgspec.Struct, omit_defaults=True, gc=False):
    """An event whose fields are all that there is of it, for the encoder."""

    event_id: str | int
    user_id: str | int
    action: str
    event_time: int
    item_id: str | int
    value: float | None = None
    text: str | None = None


_ENCODE_LINES = msgspec.json.Encoder().encode_lines


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
        found = self.at_once(rows, counts)
        if found is not None:
            return found.lines
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
    ) -> LinesOfUsers | None:
        """The lines of rows; None unless all of them are sure to be accepted."""
        mapper = self._mapper
        mapper.counts = MappingCounts()
        columns = mapper.columns_of(rows)
        found = None
        if mapper.are_events(columns):
            found = self._of_columns(columns.fields)
        if found is None:
            events = mapper.records(columns)
            lines = self._sure_lines(events) if events else []
            if lines is None:
                return None
            found = LinesOfUsers(lines, [event["user_id"] for event in events], self._has_text)
        counts.add(mapper.counts)
        return found

    def _of_columns(self, fields: EventFields) -> LinesOfUsers | None:
        """The lines of complete events; None unless all of them are sure to be accepted.

        It agrees with `_sure_lines` of their records.
        """
        users, items = fields.users, fields.items
        if not users or items is None:
            return None
        more = [column for column in (fields.values, fields.texts) if column is not None]
        if fields.values is None and more:
            more.insert(0, [None] * len(users))
        try:
            if not self._may_be(fields.actions, fields.times):
                return None
            together = _ENCODE_LINES(
                list(map(_Line, fields.ids, users, fields.actions, fields.times, items, *more))
            )
        except (TypeError, ValueError, OverflowError):
            # An action that is a list, a number beyond 64 bits, half of a surrogate pair.
            return None
        if not {str, int}.issuperset(map(type, chain(fields.ids, users, items))):
            return None
        if not {_NONE, str}.issuperset(map(type, fields.texts or ())):
            return None
        lines = together.split(b"\n")[:-1]
        is_short = max(map(len, lines)) <= self._rules.max_id_chars
        if (is_short and b"\\u0000" not in together) or not self._judge(lines):
            return LinesOfUsers(lines, users, self._has_text)
        return None

    def _may_be(self, actions: Sequence[Any], times: Sequence[Any]) -> bool:
        """Whether all actions and times, in epoch milliseconds, are accepted.

        Raises TypeError for an action or a time that is none.
        """
        rules = self._rules
        latest_ms = round(time.time() * 1000) + rules.latest_ahead_ms
        return (
            rules.actions.issuperset(actions)
            and min(times) >= rules.earliest_ms
            and max(times) <= latest_ms
        )

    def _sure_lines(self, events: Sequence[dict[str, Any]]) -> list[bytes] | None:
        rules = self._rules
        try:
            actions = [event["action"] for event in events]
            if not self._may_be(actions, [event["event_time"] for event in events]):
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
