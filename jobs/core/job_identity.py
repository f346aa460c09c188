"""Who a job is: the space that it fills and the start that owns its state."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobIdentity:
    """The space that this job fills and the start (epoch milliseconds) that owns its state."""

    space_id: int
    dim: int
    mean: bytes
    """float32, `dim` values."""
    bundle_sha256: str
    epoch: int
    action_bits: dict[str, int]
