"""How far a published graph may be from the model it was made from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Bounds of the parity gate; each must hold on every text."""

    min_cosine: float
    """Between the graph's vector and the model's."""
    max_abs_difference: float
    """Of one component, between the same two."""
    max_norm_error: float
    """How far a vector's L2 norm may be from 1."""
    min_batch_cosine: float
    """Between a text alone and the same text in any batch."""
    max_batch_ulps: int
    """Between the same two after rounding to float16, in units in the last place."""


FP32 = Tolerances(
    min_cosine=0.99999,
    max_abs_difference=1e-5,
    max_norm_error=1e-5,
    min_batch_cosine=0.999999,
    max_batch_ulps=1,
)
"""For graphs that keep float32 weights and arithmetic."""
