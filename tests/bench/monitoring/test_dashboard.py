"""The file for Grafana is what the script makes, and its queries name metrics that there are."""

import json
import re
from typing import Any

from bench.monitoring.dashboard import FILE, WIDTH, made
from bench.monitoring.panels import ROWS
from jobs.metrics.catalogue import CATALOGUE, FLINK_METRICS
from jobs.serve.catalogue import READINGS
from jobs.serve.own_metrics import OWN_METRICS

BOARD: dict[str, Any] = json.loads(FILE.read_text())
PANELS: list[dict[str, Any]] = BOARD["panels"]


def test_the_file_is_what_the_script_makes() -> None:
    assert FILE.read_text() == made(), "python -m bench.monitoring.dashboard"


def test_every_query_names_metrics_that_there_are() -> None:
    known = {
        *(name for metric in CATALOGUE for name in metric.prometheus),
        *(metric.prometheus for metric in FLINK_METRICS),
        *(metric.name for reading in READINGS for metric in reading.metrics),
        *(metric.name for metric in OWN_METRICS),
    }
    for row in ROWS:
        for panel in row.panels:
            for query in panel.queries:
                used = set(re.findall(r"\b(?:flink|interestream)_\w+", query.expression))
                assert used, panel.title
                assert used <= known, panel.title


def test_each_name_of_a_series_is_a_label_of_its_query() -> None:
    for row in ROWS:
        for panel in row.panels:
            for query in panel.queries:
                for label in re.findall(r"{{(\w+)}}", query.legend):
                    assert re.search(rf"by \([^)]*\b{label}\b", query.expression), panel.title


def test_panels_have_a_number_each_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken = set()
    for panel in PANELS:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= WIDTH
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert (x, y) not in taken, panel["title"]
                taken.add((x, y))


def test_every_panel_asks_the_chosen_prometheus_and_says_what_it_shows() -> None:
    (variable,) = BOARD["templating"]["list"]
    assert (variable["name"], variable["query"]) == ("datasource", "prometheus")
    for panel in PANELS:
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert panel["description"].endswith(".")
            assert [each["refId"] for each in panel["targets"]] == list("ABCDEFG")[
                : len(panel["targets"])
            ]
