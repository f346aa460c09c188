"""The decode step: makes lines of the contract of batches of records of another shape."""

from collections.abc import Iterator, Sequence
from itertools import compress

from pyflink.common import Row, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from jobs.core.user_bucket import bucket_of
from jobs.decoding.decode_settings import DecodeSettings
from jobs.decoding.line_users import user_of_line
from jobs.decoding.lines_of_users import LinesOfUsers
from jobs.metrics.measures import Measures
from jobs.operators.loaded_code import check_code
from jobs.operators.pseudonym_step import PseudonymSettings
from jobs.operators.row_kinds import UNREADABLE_BUCKET, packed

_BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
LINES_TYPE = Types.ROW_NAMED(["lines"], [Types.OBJECT_ARRAY(_BYTES)])
"""The lines of a batch."""

BATCH_TYPE = Types.ROW_NAMED(
    ["bucket", "kind", "lines", "vectors"],
    [Types.INT(), Types.INT(), Types.OBJECT_ARRAY(_BYTES), Types.OBJECT_ARRAY(_BYTES)],
)
"""A batch for the interest step."""
EVENT_BATCHES = OutputTag("event batches", BATCH_TYPE)
"""Events without a text, in batches of a bucket: all is known that SQL would look up."""

_MOST_BUCKETS = 100_000
"""Users whose bucket is remembered."""


class DecodeStep(ProcessFunction):
    """It keeps no state: what becomes of a batch depends on the batch alone."""

    def __init__(
        self, settings: DecodeSettings, code: str, pseudonyms: PseudonymSettings | None = None
    ) -> None:
        self._settings, self._code, self._pseudonyms = settings, code, pseudonyms

    def open(self, runtime_context: RuntimeContext) -> None:
        """Compile the mapping."""
        check_code(self._code)
        self._lines = self._settings.compile()
        self._replaced = None if self._pseudonyms is None else self._pseudonyms.lines("events")
        self._buckets: dict[str | int | None, int] = {}
        step = f"decode {self._settings.stream}"
        self._measures = Measures(runtime_context.get_metrics_group(), step)

    def process_element(
        self, value: Row, ctx: ProcessFunction.Context
    ) -> Iterator[Row | tuple[OutputTag, Row]]:
        """Emit the lines of a row `ROW<part, ...>` as one row, if there are any.

        The row has an array for each of the settings' columns. Events without a text go to
        `EVENT_BATCHES`, a row for each bucket; with pseudonyms all are lines.
        """
        before = dict(vars(self._lines.counts))
        found = {name: value[place] for place, name in enumerate(self._settings.columns, start=1)}
        made = self._lines.with_users(found["line"], found.get("id", ()), found.get("headers", ()))
        lines = made.lines
        for name, count in vars(self._lines.counts).items():
            self._measures.count(name, count - before[name])
        if self._replaced is not None:
            lines = [self._replaced(line) for line in lines]
        elif self._settings.stream == "events":
            spoken: list[bytes] = []
            silent = made
            if made.may_have_text:
                has_text = [b'"text"' in line for line in lines]
                if any(has_text):
                    spoken = list(compress(lines, has_text))
                    silent = _chosen(made, [not one for one in has_text])
            yield from self._batches(silent)
            lines = spoken
        if lines:
            yield Row(lines)

    def _batches(self, made: LinesOfUsers) -> Iterator[tuple[OutputTag, Row]]:
        users = made.users
        if users is None:
            users = list(map(user_of_line, made.lines))
        batches: dict[int, list[bytes]] = {}
        buckets = map(self._bucket, users)
        for bucket, line in zip(buckets, made.lines, strict=True):
            if (batch := batches.get(bucket)) is None:
                batches[bucket] = batch = []
            batch.append(line)
        for bucket, events in batches.items():
            # An array without elements would be none in Java.
            yield EVENT_BATCHES, Row(bucket, *packed(events), [b""])

    def _bucket(self, user_id: str | int | None) -> int:
        known = self._buckets.get(user_id)
        if known is None:
            if user_id is None:
                return UNREADABLE_BUCKET
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            known = self._buckets[user_id] = bucket_of(str(user_id), self._settings.buckets)
        return known


def _chosen(made: LinesOfUsers, chosen: Sequence[bool]) -> LinesOfUsers:
    """Keep the lines that are `chosen`, with their users."""
    users = None if made.users is None else list(compress(made.users, chosen))
    return LinesOfUsers(list(compress(made.lines, chosen)), users)
