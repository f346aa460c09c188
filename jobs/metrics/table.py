"""The tables of docs/monitoring.md."""

from collections.abc import Iterator

from jobs.metrics.catalogue import CATALOGUE, FLINK_METRICS
from jobs.metrics.metric import SCOPE, Metric

HEAD = (
    "| name | step | type | unit | meaning | something is wrong when |",
    "|---|---|---|---|---|---|",
)
FLINK_HEAD = ("| name | unit | meaning | something is wrong when |", "|---|---|---|---|")


def metric_rows() -> Iterator[str]:
    """Yield the rows of the job's own metrics; names without what all begin with (`SCOPE`)."""
    for metric in CATALOGUE:
        cells = (
            _names(metric),
            ", ".join(metric.steps),
            metric.kind,
            metric.unit,
            metric.meaning,
            metric.wrong,
        )
        yield f"| {' | '.join(cells)} |"


def flink_rows() -> Iterator[str]:
    """Yield the rows of Flink's metrics, with their whole names."""
    for metric in FLINK_METRICS:
        cells = (f"`{metric.prometheus}`", metric.unit, metric.meaning, metric.wrong)
        yield f"| {' | '.join(cells)} |"


def _names(metric: Metric) -> str:
    labels = [f"{{{metric.label}}}" if metric.label else ""]
    if metric.kind == "histogram":
        labels = ["{le}", "", ""]
    return ", ".join(
        f"`{name.removeprefix(f'{SCOPE}_')}{label}`"
        for name, label in zip(metric.prometheus, labels, strict=True)
    )
