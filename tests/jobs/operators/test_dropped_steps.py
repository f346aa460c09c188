"""A step that is dropped without `close`, as PyFlink does when a job stops or fails."""

import gc
import weakref

import pytest

from jobs.operators.item_step import ItemStep
from jobs.operators.neighbor_step import NeighborStep
from jobs.operators.trend_writer import TrendWriter
from jobs.operators.user_writer import UserWriter
from jobs.operators.vector_writer import VectorWriter
from tests.builders import NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space

YOUNGEST = 0
"""What Python's collector looks through all the time; old cycles may stay for hours."""


@pytest.mark.parametrize("step", [ItemStep, VectorWriter, UserWriter, TrendWriter, NeighborStep])
def test_its_connection_goes_with_it(step, job_dsn):
    settings = operator_settings(job_dsn, space_id=create_space(job_dsn))
    flink = FakeFlink(lambda: step(settings), NOON_MS)
    flink.operator._postgres.run(lambda _: None)
    connection = weakref.ref(flink.operator._postgres._connection)
    gc.collect()  # the step has grown old
    gc.disable()
    try:
        flink.operator = None
        gc.collect(YOUNGEST)
        assert connection() is None
    finally:
        gc.enable()
