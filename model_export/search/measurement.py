"""What was measured of one graph."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_export.search.footprint import Footprint
from model_export.search.invariance import Invariance
from model_export.search.speed import Speed


@dataclass(frozen=True, slots=True)
class Measurement:
    """One graph beside the fused float32 one, on this machine."""

    name: str
    what: str
    mean_cosine: float
    min_cosine: float
    overlap_by_kind: Mapping[str, float]
    """Top-10 overlap among the texts of a kind."""
    invariance: Invariance
    speed: Speed
    footprint: Footprint
    size_mb: float
    rank_correlation: float | None
    """Spearman's, with the scores of labelled pairs; None without pairs."""
    made_s: float
    """Processor time that making the graph took; parts that graphs share count for the first."""

    @property
    def overlap(self) -> float:
        """Top-10 overlap of the worst kind of texts."""
        return min(self.overlap_by_kind.values())

    @property
    def batch_cosine(self) -> float:
        """Smallest cosine between a text alone and the same text in company."""
        return self.invariance.worst
