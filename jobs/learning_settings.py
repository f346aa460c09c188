"""The section of the configuration for learned weights."""

from pydantic import Field

from jobs.config_section import Section


class Learning(Section):
    """How the weights of the sources of recommendations are learned from the events."""

    enabled: bool = True
    """Whether the job learns, from what users turn to, what each source counts in the score."""
    sample: float = Field(0.1, gt=0, le=1)
    """Share of the users of a batch that become questions: what would they have been recommended
    before it?"""
    time_share: float = Field(0.03, gt=0, le=1)
    """Largest share of the time of the step that writes users that may be spent on questions."""
    rate: float = Field(0.2, gt=0, le=1)
    """Length of the first steps; they shorten with the sum of what was learned."""
    segment_shrink: float = Field(0.0005, ge=0, lt=1)
    """Share by which what is learned of a segment of users goes back to what is learned of all, per
    step."""
    bound: float = Field(10.0, gt=0, le=20)
    """Most that can be learned to be added to, or taken off, a weight."""
