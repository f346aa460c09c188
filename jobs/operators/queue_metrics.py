"""The metrics of the documents that wait for the encoder."""

from jobs.metrics.measures import Measures


class QueueMetrics:
    """Sums up what waits in the buckets of one task, as far as it has seen them since its start."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._portions: dict[int, int] = {}
        self._since_ms: dict[int, int] = {}

    def report(self, bucket: int, portions: int, now_ms: int) -> None:
        """Report that so many portions of `bucket` wait at `now_ms`, in epoch milliseconds."""
        self._portions[bucket] = portions
        if portions:
            self._since_ms.setdefault(bucket, now_ms)
        else:
            self._since_ms.pop(bucket, None)
        self._measures.set("queue_portions", sum(self._portions.values()))
        oldest_ms = min(self._since_ms.values(), default=now_ms)
        self._measures.set("queue_age_ms", max(0, now_ms - oldest_ms))
