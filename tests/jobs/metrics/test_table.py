"""The page of metrics agrees with the catalogue, and the catalogue with itself."""

from pathlib import Path

import pytest

from jobs.metrics.catalogue import CATALOGUE, FLINK_METRICS
from jobs.metrics.metric import Metric
from jobs.metrics.table import flink_rows, metric_rows

PAGE = Path(__file__).parents[3] / "docs" / "monitoring.md"


def section(title: str) -> list[str]:
    """The rows of the table below a heading of the page, without its head."""
    text = PAGE.read_text().split(f"\n### {title}\n")[1].split("\n#")[0]
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_the_page_has_every_metric_of_the_job():
    assert section("Of its steps") == list(metric_rows())


def test_the_page_has_those_of_flink_that_matter():
    assert section("Of Flink") == list(flink_rows())


def test_no_step_has_a_name_twice():
    names = [(step, name) for each in CATALOGUE for step in each.steps for name in each.prometheus]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: f"{metric.steps[0]} {metric.name}")
def test_a_name_ends_with_its_unit_of_time_or_size(metric: Metric) -> None:
    endings = {"ms": "_ms", "s": "_s", "bytes": "_bytes"}
    assert metric.name.endswith(endings.get(metric.unit, metric.name))
    others = [ending for unit, ending in endings.items() if unit != metric.unit]
    assert not metric.name.endswith(tuple(others))


def test_every_metric_of_flink_says_when_something_is_wrong():
    assert all(metric.wrong for metric in FLINK_METRICS)
