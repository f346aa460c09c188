"""The Flink options of the job."""

import sys

from jobs.config import Config
from jobs.metrics.settings import Metrics
from jobs.runtime.flink_path import flink_path
from jobs.runtime.java_options import LATE_OPTIMISATION, QUICK_START

CLUSTER_OPTIONS = {
    # A connection between tasks has ten buffers. At 50,000 events/s the batches of one interval
    # need about a megabyte.
    "taskmanager.memory.segment-size": "128kb",
}
"""Options of the TaskManagers for high throughput; they belong to the cluster, not to a job."""

JOB_MANAGER_OPTIONS = {
    # A job waits for a slot that is missing, and goes on as soon as it is there. Without this, from
    # five minutes after the JobManager's start on, Flink refuses such a job at once, and it fails
    # and restarts every few seconds.
    "resourcemanager.standalone.start-up-time": "0 s",
    # It handles no records. In application mode it also builds the job's graph.
    "env.java.default-opts.jobmanager": QUICK_START,
}
"""Options of a JobManager whose TaskManagers are started again by something else."""


def reporter_options(metrics: Metrics) -> dict[str, str]:
    """The options of a cluster whose processes answer Prometheus; none while that is off.

    The reporter lies among the plugins of every Flink, that of the pip package too.
    """
    ports = metrics.ports()
    if not ports:
        return {}
    return {
        "metrics.reporters": "prom",
        "metrics.reporter.prom.factory.class": (
            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory"
        ),
        # A process whose port is taken goes on without metrics, after one warning in its log.
        "metrics.reporter.prom.port": f"{ports[0]}-{ports[-1]}",
        # Otherwise the actions `add-to-cart` and `add_to_cart` would be one.
        "metrics.reporter.prom.filterLabelValueCharacters": "false",
    }


TASK_MANAGER_OPTIONS = {"env.java.default-opts.taskmanager": LATE_OPTIMISATION}
"""Options of the TaskManagers that this project's commands start."""

FORGET_S = 60
"""A failure is forgotten when the job has run for so many seconds without another one."""


def flink_options(config: Config) -> dict[str, str]:
    """Return Flink's options for the job, by key; the cluster's configuration sets the others."""
    checkpoints = config.checkpoints
    options = {
        # Python runs in the JVM's threads: in a process of its own, each access to keyed state
        # would cost a round trip.
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        # Small bundles of rows: the encoder waits at most 20 ms until one is full. A checkpoint
        # waits for the end of a bundle, and events wait for the checkpoint.
        "python.fn-execution.bundle.time": "20",
        "python.fn-execution.bundle.size": "64",
        "python.fn-execution.arrow.batch.size": "64",
        "parallelism.default": str(config.batching.parallelism),
        "table.exec.uid.generation": "ALWAYS",
        # In UTC, windows over event time begin at multiples of their length in epoch ms.
        "table.local-time-zone": "UTC",
        "execution.checkpointing.interval": f"{checkpoints.interval_ms} ms",
        "execution.checkpointing.min-pause": f"{checkpoints.interval_ms // 2} ms",
        "execution.checkpointing.timeout": f"{checkpoints.timeout_ms} ms",
        # A task that hangs fails its checkpoints. Beyond this many failures Flink restarts the job.
        "execution.checkpointing.tolerable-failed-checkpoints": str(checkpoints.max_failures),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        # No step keeps or changes its input, so chained steps need no copies of the records.
        "pipeline.object-reuse": "true",
        # Send buffers at once. The default holds a line up to 100 ms at each of its three
        # exchanges, and any non-zero timeout makes a thread per task wake up at that interval.
        "execution.buffer-timeout.interval": "0 ms",
        # Unaligned checkpoints would store records in flight, and a claim check
        # (`jobs.operators.claim_check`) is useless without its batch, which is only in memory.
        "execution.checkpointing.unaligned.enabled": "false",
        # Less data in flight, so that checkpoint barriers do not queue behind megabytes of lines in
        # front of slow Python operators.
        "taskmanager.network.memory.buffer-debloat.enabled": "true",
        **_restarts(checkpoints.max_restarts),
    }
    if checkpoints.directory is not None:
        options["execution.checkpointing.storage"] = "filesystem"
        options["execution.checkpointing.dir"] = flink_path(checkpoints.directory)
    return options


def _restarts(limit: int | None) -> dict[str, str]:
    """The options of restarts, of which `limit` may follow each other closely (None: any number).

    A number for the whole life of a job would end it one day, however small its failures are.
    """
    if limit == 0:
        return {"restart-strategy.type": "none"}
    options = {
        "type": "exponential-delay",
        "exponential-delay.initial-backoff": "1 s",
        "exponential-delay.backoff-multiplier": "1.5",
        # After an outage the job is back at most so much later than what it had waited for.
        "exponential-delay.max-backoff": "10 s",
        "exponential-delay.reset-backoff-threshold": f"{FORGET_S} s",
    }
    if limit is not None:
        options["exponential-delay.attempts-before-reset-backoff"] = str(limit)
    return {f"restart-strategy.{key}": value for key, value in options.items()}
