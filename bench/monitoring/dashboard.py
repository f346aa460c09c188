"""Writes the dashboard for Grafana: python -m bench.monitoring.dashboard.

The builders of Grafana's own foundation SDK check names and types of what is set.
"""

import json
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)

import jobs.monitoring
from bench.monitoring.panels import ROWS, Panel

FILE = Path(jobs.monitoring.__path__[0]) / "dashboard.json"
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH = 24
"""Columns of Grafana's grid."""


def made() -> str:
    """Return the file's text."""
    board = (
        dashboard.Dashboard("Interestream")
        .uid("interestream")
        .description(
            "The job, its streams, its database. docs/monitoring.md says what is wrong when."
        )
        .tags(["interestream"])
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
        )
    )
    number = 0
    for row in ROWS:
        number += 1
        board = board.with_row(dashboard.Row(row.title).id(number))
        for panel in row.panels:
            number += 1
            made_panel = _stat(panel) if panel.stat else _graph(panel)
            board = board.with_panel(made_panel.id(number))
    return json.dumps(board.build(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"


def _stat(panel: Panel) -> stat.Panel:
    made_panel = (
        stat.Panel()
        .title(panel.title)
        .description(panel.description)
        .datasource(SOURCE)
        .unit(panel.unit)
        .span(WIDTH // 6)
        .height(4)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(panel))
    )
    for query in _targets(panel):
        made_panel = made_panel.with_target(query)
    return made_panel


def _graph(panel: Panel) -> timeseries.Panel:
    made_panel = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.description)
        .datasource(SOURCE)
        .unit(panel.unit)
        .min(0)
        .span(WIDTH // 4)
        .height(7)
        .fill_opacity(20 if panel.stacked else 5)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    if panel.stacked:
        made_panel = made_panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for query in _targets(panel):
        made_panel = made_panel.with_target(query)
    return made_panel


def _targets(panel: Panel) -> list[prometheus.Dataquery]:
    return [
        prometheus.Dataquery()
        .expr(query.expression)
        .legend_format(query.legend)
        .ref_id(chr(ord("A") + number))
        for number, query in enumerate(panel.queries)
    ]


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    if panel.red_from is not None:
        steps = [Threshold(color="green"), Threshold(value=panel.red_from, color="red")]
    elif panel.red_below is not None:
        steps = [Threshold(color="red"), Threshold(value=panel.red_below, color="green")]
    else:
        steps = [Threshold(color="text")]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


if __name__ == "__main__":
    FILE.write_text(made())
