"""Plots a run: delays, memory by kind of process, completed checkpoints."""

from collections.abc import Sequence
from pathlib import Path

from bench.soak.judge import Round
from bench.soak.sampler import Sample

WIDTH_IN, HEIGHT_IN, DPI = 9, 7, 120


def plot_soak(title: str, samples: Sequence[Sample], rounds: Sequence[Round], file: Path) -> None:
    """Plot a run to a PNG, over minutes."""
    # Slow to import, and missing where the dev tools are not installed.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    FigureCanvasAgg(figure)
    above, middle, below = figure.subplots(3, 1, sharex=True, height_ratios=(2, 3, 1))
    for name in ("p50_ms", "p99_ms"):
        above.plot(
            [one.at_s / 60 for one in rounds],
            [getattr(one, name) for one in rounds],
            label=name.removesuffix("_ms"),
        )
    above.set_title(title)
    above.set_ylabel("written to committed, ms")
    minutes = [sample.at_s / 60 for sample in samples]
    for kind in sorted({kind for sample in samples for kind in sample.memory_mb}):
        middle.plot(minutes, [sample.memory_mb.get(kind, 0) for sample in samples], label=kind)
    for name, label in (("heap_mb", "of it Java's heap in use"), ("state_mb", "state")):
        middle.plot(minutes, [getattr(sample, name) for sample in samples], label=label, lw=0.8)
    middle.set_ylabel("resident MB")
    below.plot(minutes, [sample.completed_checkpoints for sample in samples], label="completed")
    below.plot(minutes, [sample.failed_checkpoints for sample in samples], label="failed")
    below.set_ylabel("checkpoints")
    below.set_xlabel("minutes")
    for axes in (above, middle, below):
        axes.set_ylim(bottom=0)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(file, dpi=DPI)
