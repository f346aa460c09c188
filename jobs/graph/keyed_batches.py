"""Keys the batches of events and commands by their bucket, and wakes buckets of merged users."""

from collections.abc import Iterator

from pyflink.common import Row, Types
from pyflink.common.typeinfo import _from_java_type
from pyflink.datastream import DataStream, KeyedStream
from pyflink.datastream.functions import ProcessFunction
from pyflink.java_gateway import get_gateway

from jobs.core.parsing.parse_control import MERGE, parse_control
from jobs.core.parsing.rules import Rules
from jobs.core.user_bucket import bucket_of
from jobs.operators.row_kinds import CONTROL, EVENTS, UNREADABLE_BUCKET, WAKE, packed


class AddKey(ProcessFunction):
    """Adds the key to each batch, and packs events without a text (`packed`); a batch with merges
    also makes a row that wakes each receiver.

    A bucket has no timer before a row has come to it, and the bucket of a new user may never have
    had one.
    """

    def __init__(self, rules: Rules, buckets: int) -> None:
        self._rules = rules
        self._buckets = buckets

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Row]:
        """Emit rows `ROW<bucket, ROW<bucket, kind, lines, vectors>>`."""
        bucket, kind, lines, vectors = value
        if kind == CONTROL and bucket != UNREADABLE_BUCKET:
            for receiver in self._receivers(lines):
                yield Row(receiver, Row(receiver, WAKE, [b""], [b""]))
        if kind == EVENTS and len(vectors) == 1 and not vectors[0]:
            yield Row(bucket, Row(bucket, *packed(lines), vectors))
        else:
            yield Row(bucket, value)

    def _receivers(self, lines: list[bytes]) -> list[int]:
        """The buckets of users whom the merges among the lines merge others into."""
        commands = parse_control(lines, self._rules).commands
        merges = (command for command in commands if command.command == MERGE)
        return sorted({bucket_of(command.into, self._buckets) for command in merges})


def keyed_batches(batches: DataStream, rules: Rules, buckets: int) -> KeyedStream:
    """The batches `ROW<bucket, kind, lines, vectors>` keyed by bucket, as `DataStream.key_by`
    keys them.

    `key_by` calls Python to add the key, which is also where rows can be added: a step of its own
    before it would copy every batch between Java and Python once more.
    """
    java = get_gateway().jvm
    batch_type = _from_java_type(batches._j_data_stream.getTransformation().getOutputType())
    with_key = batches.process(
        AddKey(rules, buckets), output_type=Types.ROW([Types.INT(), batch_type])
    )
    # By this name Flink finds the step, and gives it the parallelism of what is before it.
    with_key.name(
        java.org.apache.flink.python.util.PythonConfigUtil.STREAM_KEY_BY_MAP_OPERATOR_NAME
    )
    keyed = with_key._j_data_stream.keyBy(
        java.KeyByKeySelector(), Types.ROW([Types.INT()]).get_java_type_info()
    )
    return KeyedStream(keyed, batch_type, batches)
