"""Plots of a report, where matplotlib is installed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_WIDTH_IN = 9
FILES = ("systems.svg", "segments.svg")


def plot_report(report: Mapping[str, Any], folder: Path) -> list[str]:
    """Write the plots into a folder and return their names; none where matplotlib is missing."""
    try:
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        return []
    systems = list(report["systems"])

    figure = Figure(figsize=(_WIDTH_IN, 1 + 0.35 * len(systems)), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    _bars(axes, systems, report["systems"])
    axes.set_xlabel("HR@10, with its interval at 95 %")
    axes.set_title(f"{report['data']}: {report['counts']['questions']:,} questions")
    figure.savefig(folder / FILES[0])

    found = report["segments"]
    figure = Figure(figsize=(_WIDTH_IN, 1.8 * len(found)), layout="constrained")
    FigureCanvasSVG(figure)
    for axes, (segment, one) in zip(
        np.atleast_1d(figure.subplots(len(found), 1, sharex=True)), found.items(), strict=True
    ):
        _bars(axes, systems, one["systems"])
        axes.tick_params(axis="y", labelsize=6)
        axes.set_title(f"{segment} ({one['questions']:,} questions)", fontsize=8)
    axes.set_xlabel("HR@10, with its interval at 95 %")
    figure.savefig(folder / FILES[1])
    return list(FILES)


def _bars(axes: Any, names: list[str], found: Mapping[str, Any]) -> None:
    """Horizontal bars of HR@10, the first system on top, each with its interval."""
    hits = [found[name]["HR@10"] for name in names]
    means = np.array([one["mean"] for one in hits])
    below = means - [one["low"] for one in hits]
    above = np.array([one["high"] for one in hits]) - means
    axes.barh(range(len(names)), means, 0.7, xerr=np.maximum([below, above], 0), capsize=2)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
