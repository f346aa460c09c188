"""The identity of a job: the space that it fills and the epoch that owns its state."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobIdentity:
    """The space that a job fills, and the epoch that guards its rows.

    `epoch` is the start of the job that owns the state, in milliseconds since 1970. It survives
    restores and serves as a fencing token: rows of an older owner never replace newer ones.
    """

    space_id: int
    dim: int
    mean: bytes
    """Mean vector of the catalogue, `dim` float32 values as bytes."""
    bundle_sha256: str
    epoch: int
    action_bits: dict[str, int]
    """Bit (0 to 62) of each action in `user_items.actions`."""
