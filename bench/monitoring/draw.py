"""Draws the panels of the dashboard from Prometheus' answers, in the order of Grafana's page."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.monitoring.panels import RATE, ROWS, Panel
from bench.monitoring.prometheus import PrometheusServer, Series

COLUMNS = 4
DPI = 100
WIDTH_IN, GRAPH_IN, STAT_IN, ROW_IN = 17.0, 2.6, 1.0, 0.35
MOST_NAMES, LONGEST_NAME = 8, 24
LONG_S = 180.0
"""Axes of longer times are divided into whole minutes."""
Span = tuple[float, float, str]
"""A fault: from, until (seconds since 1970), and its name."""


def draw(
    server: PrometheusServer,
    from_s: float,
    until_s: float,
    file: Path,
    *,
    faults: Sequence[Span] = (),
    step_s: float = 2.0,
    rate: str = "20s",
) -> None:
    """Write a PNG of all panels that have data, and of the alerts that fired."""
    # Slow to import, and missing where the dev tools are not installed.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    heights: list[float] = []
    lines: list[tuple[str, list[Panel]]] = []
    answers: dict[str, list[tuple[str, Series]]] = {}
    for row in ROWS:
        for panel in row.panels:
            answers[panel.title] = _answers(server, panel, rate, from_s, until_s, step_s)
        shown = [panel for panel in row.panels if answers[panel.title]]
        if not shown:
            continue
        lines.append((row.title, []))
        heights.append(ROW_IN)
        per_line = 6 if shown[0].stat else COLUMNS
        for first in range(0, len(shown), per_line):
            lines.append(("", shown[first : first + per_line]))
            heights.append(STAT_IN if shown[0].stat else GRAPH_IN)
    fired = server.ask_range('ALERTS{alertstate="firing"}', from_s, until_s, step_s)
    lines += [("Alerts that fired", []), ("", [])]
    heights += [ROW_IN, 0.9 + 0.3 * max(len(_by_name(fired)), 1)]
    figure = Figure(figsize=(WIDTH_IN, sum(heights)), facecolor="#f4f5f5")
    FigureCanvasAgg(figure)
    bands: Any = figure.subfigures(len(lines), 1, height_ratios=heights)
    for (title, panels), band in zip(lines, bands, strict=True):
        band.set_facecolor("#f4f5f5")
        if title:
            band.text(0.01, 0.35, title, fontsize=14, fontweight="bold", va="center")
        elif not panels:
            _draw_alerts(band, fired, from_s, until_s, faults)
        elif panels[0].stat:
            for number, panel in enumerate(panels):
                _draw_number(band, number, panel, answers[panel.title])
        else:
            axes = band.subplots(1, COLUMNS, squeeze=False)[0]
            band.subplots_adjust(left=0.045, right=0.99, top=0.86, bottom=0.3, wspace=0.24)
            for ax, panel in zip(axes, panels, strict=False):
                _draw_graph(ax, panel, answers[panel.title], from_s, until_s, step_s, faults)
            for ax in axes[len(panels) :]:
                ax.set_axis_off()
    figure.savefig(file, dpi=DPI, facecolor=figure.get_facecolor())


def _answers(
    server: PrometheusServer,
    panel: Panel,
    rate: str,
    from_s: float,
    until_s: float,
    step_s: float,
) -> list[tuple[str, Series]]:
    found = []
    for query in panel.queries:
        expression = query.expression.replace(RATE, rate)
        for series in server.ask_range(expression, from_s, until_s, step_s):
            if any(math.isfinite(value) for value in series.values):
                found.append((_named(query.legend, series), series))
    return found


def _named(legend: str, series: Series) -> str:
    return re.sub(r"{{(\w+)}}", lambda label: series.labels.get(label[1], ""), legend)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _by_name(fired: Sequence[Series]) -> list[str]:
    return sorted({each.labels["alertname"] for each in fired})


def _draw_number(band: Any, number: int, panel: Panel, found: list[tuple[str, Series]]) -> None:
    values = [value for value in found[0][1].values if math.isfinite(value)]
    last = values[-1]
    wrong = (panel.red_from is not None and last >= panel.red_from) or (
        panel.red_below is not None and last < panel.red_below
    )
    judged = panel.red_from is not None or panel.red_below is not None
    colour = "#c4162a" if wrong else "#37872d" if judged else "#222222"
    ax = band.add_axes((0.01 + number * 0.165, 0.05, 0.155, 0.9))
    ax.set_facecolor("white")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_color("#d0d0d0")
    ax.text(0.04, 0.78, panel.title, fontsize=10, va="center", transform=ax.transAxes)
    ax.text(
        0.5,
        0.34,
        formatted(last, panel.unit),
        fontsize=20,
        ha="center",
        va="center",
        color=colour,
        transform=ax.transAxes,
    )


def _draw_graph(
    ax: Any,
    panel: Panel,
    found: list[tuple[str, Series]],
    from_s: float,
    until_s: float,
    step_s: float,
    faults: Sequence[Span],
) -> None:
    import numpy as np  # noqa: PLC0415
    from matplotlib import colormaps  # noqa: PLC0415
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator  # noqa: PLC0415

    colours = [colormaps["tab10"](number) for number in range(10)]
    count = int((until_s - from_s) / step_s) + 1
    minutes = np.arange(count) * step_s / 60
    base, highest = np.zeros(count), 0.0
    for number, (name, series) in enumerate(sorted(found, key=lambda each: each[0])):
        values = np.full(count, math.nan)
        for at_s, value in zip(series.at_s, series.values, strict=True):
            values[round((at_s - from_s) / step_s)] = value
        colour = colours[number % 10]
        label = _short(name) if number < MOST_NAMES else None
        if panel.stacked:
            top = base + np.nan_to_num(values)
            ax.fill_between(minutes, base, top, color=colour, alpha=0.5, linewidth=0, label=label)
            base = top
            highest = max(highest, float(top.max()))
        else:
            highest = max(highest, float(np.nanmax(values, initial=0.0)))
            ax.plot(minutes, values, color=colour, linewidth=1.4, label=label)
    _frame(ax, from_s, until_s, faults)
    ax.set_title(panel.title, fontsize=10.5, loc="left")
    top_value = 1.0 if panel.unit == "percentunit" or highest == 0 else 1.08 * highest
    ax.set_ylim(0, top_value)
    second = {"s": 1.0, "ms": 1000.0}.get(panel.unit, math.inf)
    long = top_value > LONG_S * second
    minute = 60 * second * math.ceil(top_value / (60 * second) / 4) if long else 0
    ax.yaxis.set_major_locator(MultipleLocator(minute) if long else MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formatted(value, panel.unit)))
    ax.tick_params(labelsize=8.5)
    ax.legend(
        fontsize=7.5,
        loc="upper left",
        bbox_to_anchor=(-0.06, -0.12),
        ncols=2 if max(len(_short(name)) for name, _ in found) > 16 else 4,
        frameon=False,
        handlelength=1.0,
        columnspacing=0.9,
        borderpad=0,
        labelspacing=0.25,
    )


def _draw_alerts(
    band: Any, fired: Sequence[Series], from_s: float, until_s: float, faults: Sequence[Span]
) -> None:
    ax = band.add_axes((0.17, 0.32, 0.82, 0.52))
    names = _by_name(fired)
    for series in fired:
        place = names.index(series.labels["alertname"])
        red = series.labels["severity"] == "critical"
        for at in series.at_s:
            ax.barh(
                place,
                2.2 / 60,
                left=(at - from_s) / 60,
                color="#c4162a" if red else "#e0a030",
                linewidth=0,
            )
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set_ylim(max(len(names), 1) - 0.4, -0.6)
    _frame(ax, from_s, until_s, faults)
    ax.set_xlabel("minutes", fontsize=9)
    for begin, end, name in faults:
        middle = (begin + end) / 2 - from_s
        ax.text(middle / 60, -0.62, name, fontsize=9, ha="center", va="bottom", color="#a04000")


def _frame(ax: Any, from_s: float, until_s: float, faults: Sequence[Span]) -> None:
    ax.set_facecolor("white")
    ax.set_xlim(0, (until_s - from_s) / 60)
    ax.grid(color="#e6e6e6", linewidth=0.6)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for begin, end, _ in faults:
        ax.axvspan(
            (begin - from_s) / 60, (end - from_s) / 60, color="#f2c9a0", alpha=0.45, zorder=0
        )


def formatted(value: float, unit: str) -> str:
    """A number as Grafana would show it.

    >>> [formatted(1250.0, unit) for unit in ("ms", "bytes", "s", "short", "ops")]
    ['1.25 s', '1.25 kB', '20.8 min', '1.25 k', '1.25 k/s']
    >>> formatted(0.5, "percentunit"), formatted(0, "ms"), formatted(3e9, "bytes")
    ('50%', '0', '3 GB')
    """
    if value == 0:
        return "0"
    if unit == "percentunit":
        return f"{value * 100:.3g}%"
    if unit in {"ms", "s"}:
        seconds = value / 1000 if unit == "ms" else value
        for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
            if abs(seconds) >= size * (2 if size > 1 else 1):
                return f"{seconds / size:.3g} {name}"
        return f"{seconds * 1000:.3g} ms"
    suffix = {"bytes": "B", "ops": "/s"}.get(unit, "")
    for power, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= power:
            return f"{value / power:.3g} {name}{suffix}"
    return f"{value:.3g}{' B' if unit == 'bytes' else suffix}"
