"""The bounds that a graph must hold to be published instead of the float32 one."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from model_export.errors import SearchError
from model_export.search.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Gate:
    """Bounds of a search's gate; each must hold, and a TOML file may set each."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    min_mean_cosine: float = 0.995
    """Between the candidate's vectors and the reference's, on average."""
    min_cosine: float = 0.98
    """Between the same two, for every single text."""
    min_overlap: float = 0.95
    """Share of a text's ten nearest texts that both agree on, for the worst kind of texts."""
    min_batch_cosine: float = 0.9999
    """Between a text alone and the same text in any batch or padding."""
    max_rank_loss: float = 0.01
    """How far Spearman's correlation with people's scores may fall; where pairs are given."""
    min_speedup: float = 1.0
    """The reference's time divided by the candidate's: nothing slower is published."""
    max_size_share: float = 1.05
    """The candidate's file divided by the reference's."""
    max_memory_share: float = float("inf")
    """The candidate's memory divided by the reference's."""

    def shortfalls(self, candidate: Measurement, reference: Measurement) -> list[str]:
        """Return each bound that a candidate misses, and by how much; empty if it holds all."""
        found = [
            _less("mean cosine", candidate.mean_cosine, self.min_mean_cosine),
            _less("worst cosine", candidate.min_cosine, self.min_cosine),
            _less("top-10 overlap", candidate.overlap, self.min_overlap),
            _less("cosine alone and in company", candidate.batch_cosine, self.min_batch_cosine),
            _less("speed-up", candidate.speed.speedup, self.min_speedup),
            _more("size", candidate.size_mb / reference.size_mb, self.max_size_share),
            _more(
                "memory",
                candidate.footprint.memory_mb / reference.footprint.memory_mb,
                self.max_memory_share,
            ),
        ]
        if candidate.rank_correlation is not None and reference.rank_correlation is not None:
            loss = reference.rank_correlation - candidate.rank_correlation
            found.append(_more("loss of rank correlation", loss, self.max_rank_loss))
        return [shortfall for shortfall in found if shortfall]


def read_gate(path: Path | None) -> Gate:
    """Read bounds from a TOML file, by the names of Gate's fields; the rest keep their defaults.

    Raises SearchError that names each key that is not known or not a number.
    """
    if path is None:
        return Gate()
    try:
        return TypeAdapter(Gate).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SearchError(f"cannot read the gate from {path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise SearchError(f"the gate in {path}: {problems}") from error


# Both compare with `not`, so that a NaN falls short.
def _less(what: str, value: float, least: float) -> str:
    return "" if value >= least else f"{what} {value:.5g}, at least {least:g}"


def _more(what: str, value: float, most: float) -> str:
    return "" if value <= most else f"{what} {value:.5g}, at most {most:g}"
