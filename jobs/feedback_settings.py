"""The section of the configuration that says how impressions and clicks are joined."""

from pydantic import Field

from jobs.config_section import Section


class FeedbackSettings(Section):
    """What the job does with the impressions that an application reports."""

    enabled: bool = True
    """Whether the tables `shown_items` and `click_counts` are written."""
    action: str = "impression"
    """The action whose events say that an item was shown to the user; its weight must be 0."""
    window_s: int = Field(86_400, gt=0)
    """Longest time between an impression and a click on it, in seconds of event time, whichever of
    the two comes first."""
    last_n: int = Field(200, ge=1, le=10_000)
    """Number of the newest shown items of recommendations that are kept of a user, for clicks on
    them; about 30 bytes each."""
    most_cells: int = Field(5_000, ge=1, le=1_000_000)
    """Number of combinations of source, position, segment and variant that a bucket of users
    counts; further ones are counted without a source, a segment and a variant."""
