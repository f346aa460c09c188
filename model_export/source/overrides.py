"""Settings of an encoder that the person exporting it gives instead of the model's folder."""

from dataclasses import dataclass

from model_export.source.languages import ASSUMED
from model_export.source.sentence_config import Pooling


@dataclass(frozen=True, slots=True)
class EncodingOverrides:
    """Settings that replace those of a model's folder.

    None keeps the folder's setting; where the folder has none, its family's holds.
    """

    pooling: Pooling | None = None
    query_prompt: str | None = None
    document_prompt: str | None = None
    max_tokens: int | None = None
    """Longest input; never more than the model has positions for."""
    dim: int | None = None
    """Components to keep of a vector, for models trained for it (Matryoshka)."""
    languages: tuple[str, ...] | None = None
    """Codes of the languages that the model understands; None where nobody said."""

    @property
    def understood(self) -> tuple[str, ...]:
        """Return the languages, those that are assumed where nobody said."""
        return ASSUMED if self.languages is None else self.languages
