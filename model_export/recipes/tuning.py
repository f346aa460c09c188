"""Settings of recipes that search or train."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tuning:
    """Settings of recipes that search or train; each recipe reads those that concern it.

    The same settings, texts and tools give the same graph.
    """

    catalogue: Path | None = None
    """A data set whose items are tuned with, learned from and judged by."""
    pairs: Path | None = None
    """A file of labelled sentence pairs."""
    gate: Path | None = None
    """TOML with the gate's bounds."""
    quick: bool = False
    """Fewer candidates, texts and turns."""
    seed: int = 0
    """Chooses texts and batches."""
    layers: int = 3
    """Layers that a student keeps."""
    steps: int = 400
    """Batches that a student learns from."""
    max_cpu_s: float = 1800.0
    """Processor time after which learning ends early; such a student cannot be made again."""
