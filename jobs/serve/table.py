"""The table of docs/monitoring.md with the metrics of the database."""

from collections.abc import Iterator

from jobs.serve.catalogue import READINGS
from jobs.serve.own_metrics import OWN_METRICS

HEAD = (
    "| name | unit | labels | meaning | something is wrong when |",
    "|---|---|---|---|---|",
)


def metric_rows() -> Iterator[str]:
    """Yield a row for each metric of `interestream serve`."""
    of_tables = (metric for reading in READINGS for metric in reading.metrics)
    for metric in (*OWN_METRICS, *of_tables):
        labels = ", ".join(metric.labels)
        cells = (f"`{metric.name}`", metric.unit, labels, metric.meaning, metric.wrong_when)
        yield f"| {' | '.join(cells)} |"
