"""Settings of privacy."""

from pydantic import Field

from jobs.config_section import Section

PSEUDONYM_CHARS = 36
"""Characters of a pseudonym (`interestream.pseudonyms`), which must be an id."""


class Privacy(Section):
    """What the job knows of who its users are."""

    pseudonyms: bool = False
    """Whether user ids become pseudonyms where they enter the job (HMAC-SHA256 with the key of
    INTERESTREAM_PSEUDONYM_KEY or of the file that INTERESTREAM_PSEUDONYM_KEY_FILE names). Switch
    it on for a job that starts anew: what was kept before has the raw ids (see docs/privacy.md)."""
    epsilon: float | None = Field(None, gt=0, le=100)
    """Budget of differential privacy that a user spends for each day (UTC) in what is counted for
    others: trends and popularity are then released day by day, with noise. Neighbors and learned
    weights must be off. Without a number all are exact."""
    per_user_day: int = Field(1, ge=1, le=100)
    """With `epsilon`, how many of a user's positive events of a day are counted, the first that are
    read; the noise grows with it."""
