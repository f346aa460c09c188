"""The decode step: makes lines of the contract of batches of records of another shape."""

from collections.abc import Iterator

from pyflink.common import Row, Types
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from jobs.decoding.decode_settings import DecodeSettings
from jobs.decoding.stream_counts import StreamCounts
from jobs.operators.loaded_code import check_code

LINES_TYPE = Types.ROW_NAMED(["lines"], [Types.OBJECT_ARRAY(Types.PRIMITIVE_ARRAY(Types.BYTE()))])
"""The lines of a batch."""


class DecodeStep(ProcessFunction):
    """It keeps no state: what becomes of a batch depends on the batch alone."""

    def __init__(self, settings: DecodeSettings, code: str) -> None:
        self._settings, self._code = settings, code

    def open(self, runtime_context: RuntimeContext) -> None:
        """Compile the mapping."""
        check_code(self._code)
        self._lines = self._settings.compile()
        group = runtime_context.get_metrics_group().add_group("interestream")
        self._counters = {name: group.counter(name) for name in vars(StreamCounts())}

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Row]:
        """Emit the lines of a row `ROW<part, ...>` as one row, if there are any.

        The row has an array for each of the settings' columns.
        """
        before = dict(vars(self._lines.counts))
        found = {name: value[place] for place, name in enumerate(self._settings.columns, start=1)}
        lines = self._lines(found["line"], found.get("id", ()), found.get("headers", ()))
        for name, count in vars(self._lines.counts).items():
            if count > before[name]:
                self._counters[name].inc(count - before[name])
        if lines:
            yield Row(lines)
