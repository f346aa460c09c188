"""Plots events per second and memory over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

SMOOTH_S = 2.0
WIDTH_IN, HEIGHT_IN, DPI = 9, 6, 120


def plot_run(name: str, series: Sequence[dict[str, Any]], file: Path) -> None:
    """Plot a run to a PNG: committed events per second, and resident MB by kind of process."""
    # Slow to import, and missing where the dev tools are not installed.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    at_s = np.array([one["s"] for one in series], dtype=np.float64)
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot(at_s, rates(at_s, np.array([one["committed"] for one in series])))
    above.set_title(name)
    above.set_ylabel("events/s committed")
    above.set_ylim(bottom=0)
    for kind in sorted({kind for one in series for kind in one["memory_mb"]}):
        below.plot(at_s, [one["memory_mb"].get(kind, 0) for one in series], label=kind)
    below.set_ylabel("resident MB")
    below.set_xlabel("seconds since the first file")
    below.set_ylim(bottom=0)
    below.legend()
    figure.savefig(file, dpi=DPI)


def rates(at_s: Any, committed: Any, over_s: float = SMOOTH_S) -> Any:
    """Events per second `(n,)`, each over the `over_s` seconds before it.

    >>> rates(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0, 10, 20, 50])).tolist()
    [0.0, 10.0, 10.0, 20.0]
    """
    before = np.maximum(np.searchsorted(at_s, at_s - over_s), 0)
    length = at_s - at_s[before]
    gained = committed - committed[before]
    return np.divide(gained, length, out=np.zeros(len(at_s)), where=length > 0)
