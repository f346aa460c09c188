"""Speed against overlap, as a picture."""

from io import BytesIO

from matplotlib.figure import Figure

from model_export.search.choose import pareto
from model_export.search.search import SearchResult

_LABEL_OFFSETS = ((6, 22), (6, -14), (6, 10), (6, -26), (6, 34))
"""Offsets in points; neighbours in speed get different ones, so that names do not overlap."""


def as_png(result: SearchResult) -> bytes:
    """Return a PNG: a point for each graph, a line through those that none beats, dashed bounds."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    best = pareto(result.measured)
    front = sorted((one.speed.speedup, one.overlap) for one in result.measured if one.name in best)
    axes.plot(*zip(*front, strict=True), color="tab:blue", linewidth=1, zorder=1)
    axes.axhline(result.gate.min_overlap, color="grey", linewidth=0.8, linestyle="--")
    axes.axvline(result.gate.min_speedup, color="grey", linewidth=0.8, linestyle="--")
    for number, one in enumerate(sorted(result.measured, key=lambda one: one.speed.speedup)):
        passes = not result.choice.shortfalls.get(one.name)
        chosen = one.name == result.choice.name
        axes.scatter(
            one.speed.speedup,
            one.overlap,
            s=90 if chosen else 30,
            marker="*" if chosen else "o",
            color="tab:green" if passes else "tab:red",
            zorder=2,
        )
        axes.annotate(
            one.name,
            (one.speed.speedup, one.overlap),
            textcoords="offset points",
            xytext=_LABEL_OFFSETS[number % len(_LABEL_OFFSETS)],
            arrowprops={"arrowstyle": "-", "color": "grey", "linewidth": 0.4},
            fontsize=7,
        )
    axes.set_xlabel("times the speed of the fused float32 graph")
    axes.set_ylabel("top-10 overlap with it")
    axes.set_title(f"{result.processor.model}: {result.choice.name}", fontsize=10)
    axes.margins(x=0.12, y=0.12)
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()
