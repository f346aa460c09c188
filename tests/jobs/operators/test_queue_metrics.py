"""What waits for the encoder, summed up over the buckets of a task."""

from jobs.metrics.catalogue import ITEMS
from jobs.metrics.measures import Measures
from jobs.operators.queue_metrics import QueueMetrics
from tests.fakes.keyed_context import FakeMetrics


def test_the_age_is_that_of_the_bucket_which_has_waited_longest_without_a_pause():
    group = FakeMetrics()
    queue = QueueMetrics(Measures(group, ITEMS))

    def after(bucket: int, portions: int, now_ms: int) -> tuple[int, int]:
        queue.report(bucket, portions, now_ms)
        read = group.read()
        return read["queue_portions"], read["queue_age_ms"]

    assert after(0, 0, 1_000) == (0, 0)
    assert after(0, 3, 2_000) == (3, 0)
    assert after(1, 5, 4_000) == (8, 2_000)
    assert after(0, 2, 5_000) == (7, 3_000)
    assert after(0, 0, 6_000) == (5, 2_000), "the other bucket has waited since 4,000"
    assert after(0, 1, 6_500) == (6, 2_500)
    assert after(1, 0, 7_000) == (1, 500)
    assert after(0, 0, 8_000) == (0, 0)
