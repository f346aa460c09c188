"""What the metrics of a batch cost, in a step of a real job: `python -m bench.metric_calls`.

Times are processor time of the task's thread, calls into Java included. Nothing else runs in the
job: it has one step, which measures while it starts.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import orjson
from pyflink.common import Configuration, Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from bench.harness.our_job import BENCH_HOME
from jobs.config import Config
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_state import UserEntry
from jobs.core.progress import Progress
from jobs.metrics.catalogue import INTEREST, USERS
from jobs.metrics.measures import Measures
from jobs.operators.learner import Learner
from jobs.operators.metrics import StepMetrics
from jobs.operators.user_batches import AppliedEvents, CountedBatch
from jobs.operators.user_metrics import UserMetrics
from jobs.operators.user_store import UserCounts
from jobs.runtime.environment import job_environment
from jobs.runtime.gateway import start_java
from jobs.sinks.connection import RetryingConnection

BATCHES = (10, 500, 5_000)
"""Events of a batch."""
ROUNDS = 1_000


def measure(context: RuntimeContext) -> dict[str, float]:
    """Microseconds by what was done."""
    config = Config()
    group = context.get_metrics_group()
    database = RetryingConnection(config.database)  # nothing connects
    counter = group.counter("bench")
    found = {"one call": _microseconds(lambda: counter.inc(3))}
    plain = StepMetrics(context, database, USERS, ())
    writer = UserMetrics(context, database, config)
    learner = Learner(config, 1)
    step = Measures(group, INTEREST)
    entry = UserEntry(bytes(4_000), bytes(100), b"", b"", 0)
    for events in BATCHES:
        batch = _batch(events, len(config.actions))
        after = batch.batch.progress["events"]
        users = dict.fromkeys(map(str, range(max(1, events // 2))), entry)

        def count_records(batch: CountedBatch = batch, after: Progress = after) -> None:
            plain.counted(0, batch.before, after)

        def report_batch(batch: CountedBatch = batch) -> None:
            writer.committed(batch, 0.0123, learner)

        def report_step(users: dict[str, UserEntry] = users, events: int = events) -> None:
            counts = UserCounts()
            counts.add_written(users.values())
            step.count("batches")
            step.count("lines", events)
            step.count_time("fold_time_ms", 0.0123)
            for name, added in counts.take().items():
                step.count(name, added)

        found[f"counters of records, batch of {events}"] = _microseconds(count_records)
        found[f"user writer, batch of {events}"] = _microseconds(report_batch)
        found[f"interest step, batch of {events}"] = _microseconds(report_step)
    return found


def _batch(events: int, actions: int) -> CountedBatch:
    rng = np.random.default_rng(1)
    now_ms = time.time_ns() // 1_000_000
    applied = AppliedEvents(
        now_ms - rng.integers(50, 400, events), rng.integers(0, actions, events)
    )
    progress = {"events": Progress(records_in=events, applied=events)}
    batch = UserBatch(1, 1, 0, progress=progress, dead={"events": []})
    return CountedBatch(batch, Progress(), events=applied, began_ms=now_ms - 30)


def _microseconds(call: Callable[[], None]) -> float:
    for _ in range(ROUNDS // 10):
        call()
    started_s = time.thread_time()
    for _ in range(ROUNDS):
        call()
    return (time.thread_time() - started_s) / ROUNDS * 1e6


class _Measuring(ProcessFunction):
    def open(self, runtime_context: RuntimeContext) -> None:
        self._found = orjson.dumps(measure(runtime_context)).decode()

    def process_element(self, value: int, ctx: ProcessFunction.Context) -> Iterator[str]:
        yield self._found


def main() -> None:
    """Run the job, and print a line for each figure."""
    os.environ.update(job_environment(BENCH_HOME / "metric-calls"))
    start_java()
    options = Configuration()
    for key, value in {
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
    }.items():
        options.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(options)
    env.set_parallelism(1)
    ones = env.from_collection([1], Types.INT())
    for found in ones.process(_Measuring(), Types.STRING()).execute_and_collect():
        for name, microseconds in orjson.loads(str(found)).items():
            print(f"{microseconds:8.1f} us  {name}")


if __name__ == "__main__":
    main()
