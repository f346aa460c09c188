"""What the person exporting a model says about it, beyond what its folder says."""

from __future__ import annotations

from dataclasses import dataclass

from model_export.source.sentence_config import Pooling


@dataclass(frozen=True, slots=True)
class Wishes:
    """None leaves it to the model's folder, and where that says nothing, to its family."""

    pooling: Pooling | None = None
    query_prompt: str | None = None
    document_prompt: str | None = None
    max_tokens: int | None = None
    """Longest input; never more than the model has positions for."""
    dim: int | None = None
    """Components to keep of a vector, for models trained for it (Matryoshka)."""
    languages: tuple[str, ...] = ("en",)
    """Codes of the languages that the model understands."""
