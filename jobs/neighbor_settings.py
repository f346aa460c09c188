"""The section of the configuration for neighbors of items."""

from pydantic import Field, model_validator

from jobs.config_section import Section


class Neighbors(Section):
    """What the job keeps about items that are liked soon before or after each other."""

    enabled: bool = True
    """Whether the table `item_neighbors` is written: which items are liked before and after an
    item."""
    window: int = Field(20, ge=1, le=256)
    """Number of earlier interactions of a user that an interaction makes pairs with; at most
    `interest.last_n`."""
    half_life_s: float = Field(31_536_000.0, gt=0)
    """Half-life of a pair's strength and of an item's interactions over event time, in seconds."""
    keep: int = Field(100, ge=1, le=100_000)
    """Number of neighbors kept per item, the strongest."""
    serve: int = Field(50, ge=1, le=1_000)
    """Number of neighbors written per item; at most `keep`."""
    per_user_hour: int = Field(100, ge=1, le=125)
    """Number of a user's interactions within an hour of event time that count; more of them come
    from programs."""
    update_s: int = Field(10, ge=1, le=3_600)
    """Shortest time between two writes, in seconds."""

    @model_validator(mode="after")
    def _served_ones_are_kept(self) -> "Neighbors":
        if self.serve > self.keep:
            raise ValueError(f"serve ({self.serve}) must not be above keep ({self.keep})")
        return self
