"""A task that writes users, as a process: `python -m tests.jobs.operators.cut_off_writer`.

Arguments: the connection string, and the numbers of ada's events after each of its batches. It
prints a line when it is open, and after each batch that was committed.
"""

import sys

from jobs.core.progress import Progress
from jobs.errors import LaterTaskError
from jobs.operators.user_batches import CountedBatch
from jobs.operators.user_writer import UserWriter
from tests.builders import NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space
from tests.jobs.sinks.builders import batch


def counted(events: int) -> CountedBatch:
    """Ada after so many events, with one window."""
    progress = {"events": Progress(records_in=events, applied=events)}
    return CountedBatch(batch(events, (1.0, 0.0, 0.0, 0.0), progress=progress), Progress())


def write(flink: FakeFlink, events: int) -> None:
    """Write one batch."""
    list(flink.operator.process_element(counted(events), None))


def main(dsn: str, *events: str) -> None:
    """Write the batches; ends with the message of LaterTaskError where it is refused."""
    settings = operator_settings(dsn, space_id=create_space(dsn))
    flink = FakeFlink(lambda: UserWriter(settings), NOON_MS)
    print("open", flush=True)
    for number in events:
        try:
            write(flink, int(number))
        except LaterTaskError as error:
            sys.exit(str(error))
        print("committed", number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
