"""What the job asks of Flink."""

import sys

from jobs.config import Config

CLUSTER_OPTIONS = {
    # An edge holds ten buffers; at 50,000 events/s the batches of one tick need a megabyte.
    "taskmanager.memory.segment-size": "128kb",
}
"""What a fast job wants of its TaskManagers; options of the cluster, not of a job."""


def flink_options(config: Config) -> dict[str, str]:
    """Flink configuration keys and values; the cluster's own configuration fills in the rest."""
    checkpoints = config.checkpoints
    options = {
        # Keyed state from a Python process costs a round trip per key and bundle.
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        # The encoder's latency floor: small bundles, sent on at once.
        "python.fn-execution.bundle.time": "20",
        "python.fn-execution.bundle.size": "256",
        "python.fn-execution.arrow.batch.size": "256",
        "parallelism.default": str(config.batching.parallelism),
        "table.exec.uid.generation": "ALWAYS",
        # Windows over event time begin where slices of epoch milliseconds do.
        "table.local-time-zone": "UTC",
        "execution.checkpointing.interval": f"{checkpoints.interval_ms} ms",
        "execution.checkpointing.min-pause": f"{checkpoints.interval_ms // 2} ms",
        "execution.checkpointing.timeout": f"{checkpoints.timeout_ms} ms",
        # A task that is stuck for whatever reason fails its checkpoints, and is restarted for it.
        "execution.checkpointing.tolerable-failed-checkpoints": str(checkpoints.max_failures),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        # No step keeps or changes what it was given, so nothing is copied between chained ones.
        "pipeline.object-reuse": "true",
        # Lines pass three exchanges on their way; the default would hold them 100 ms at each, and
        # any other time but none has a thread per task wake up that often, for nothing as a rule.
        "execution.buffer-timeout.interval": "0 ms",
        # What is under way between two steps may be a claim check (`jobs.operators.claim_check`).
        "execution.checkpointing.unaligned.enabled": "false",
        # Slow Python operators would let barriers queue behind megabytes of lines.
        "taskmanager.network.memory.buffer-debloat.enabled": "true",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": str(checkpoints.max_restarts),
        "restart-strategy.fixed-delay.delay": "1 s",
    }
    if checkpoints.directory is not None:
        options["execution.checkpointing.storage"] = "filesystem"
        options["execution.checkpointing.dir"] = checkpoints.directory.absolute().as_uri()
    return options
