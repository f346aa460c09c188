"""The section of the configuration for trends."""

from pydantic import Field, model_validator

from jobs.config_section import Section

DAY_S = 86_400
ALL_TIME = "all"
"""Name of the horizon of all time."""


class Trends(Section):
    """What is counted for trends, and how event time advances."""

    enabled: bool = True
    """Whether the job counts what is trending; if not, trending() reads `user_items`."""
    horizons: dict[str, tuple[int, int]] = Field(
        {
            "hour": (3_600, 60),
            "six_hours": (21_600, 300),
            "day": (86_400, 1_800),
            "week": (604_800, 10_800),
            "month": (2_592_000, 21_600),
        }
    )
    """Length and slide of each horizon in seconds; its window ends at a multiple of its slide."""
    half_life_s: int = Field(31_536_000, ge=0)
    """Half-life in seconds of event time of the counts of all time, the horizon `all`; there is no
    such horizon with 0, or if `horizons` has another of this name."""
    update_s: int = Field(10, ge=1, le=3_600)
    """Length of the slices of event time that are counted, and shortest time between two writes, in
    seconds."""
    write_ms: int | None = Field(None, ge=50, le=3_600_000)
    """Another shortest time between two writes, in milliseconds."""
    merge_ms: int = Field(1_000, ge=50, le=60_000)
    """Processing time over which counts are merged before windows see them, in milliseconds."""
    quiet_ms: int = Field(3_000, ge=100, le=60_000)
    """Processing time without counts after which event time goes on to the newest count, as far as
    silence lets it, and an open window is closed; in milliseconds."""
    leap_s: int = Field(3_600, gt=0)
    """Largest step of event time that a single event may cause, in seconds; a larger step needs
    several events."""
    keep: int = Field(2_000, ge=1, le=100_000)
    """Number of items kept per horizon, those with the most weight."""

    @model_validator(mode="after")
    def _slides_fit(self) -> "Trends":
        if not self.horizons:
            raise ValueError("horizons: name at least one, or set enabled to false")
        for name, (length_s, slide_s) in self.horizons.items():
            if slide_s <= 0 or slide_s % self.update_s or length_s % slide_s:
                raise ValueError(
                    f"horizon '{name}': its length must be a multiple of its slide, and its slide a"
                    f" multiple of update_s: {length_s}, {slide_s}, {self.update_s}"
                )
            if not 2 <= length_s // slide_s <= 1_000:
                raise ValueError(f"horizon '{name}' must have 2 to 1000 slides")
        lengths = [length_s for length_s, _ in self.horizons.values()]
        if len(set(lengths)) < len(lengths):
            raise ValueError("two horizons have the same length")
        if 0 < self.half_life_s < 3_600:
            raise ValueError("half_life_s must be 0, or 3600 at least")
        return self

    @property
    def write_every_ms(self) -> int:
        """Shortest time between two writes in milliseconds."""
        return self.write_ms or self.update_s * 1000

    @property
    def half_life_ms(self) -> int | None:
        """The half-life of all time in milliseconds, None without that horizon."""
        return None if ALL_TIME in self.horizons else self.half_life_s * 1000 or None
