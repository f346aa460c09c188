"""The small fused model, for the tests of quantising and of searching."""

from tests.model_export.tiny import candidate_inputs, new_candidate_inputs, tiny

__all__ = ["candidate_inputs", "new_candidate_inputs", "tiny"]
