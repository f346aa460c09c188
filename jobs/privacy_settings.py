"""Settings of privacy."""

from jobs.config_section import Section

PSEUDONYM_CHARS = 36
"""Characters of a pseudonym (`interestream.pseudonyms`), which must be an id."""


class Privacy(Section):
    """What the job knows of who its users are."""

    pseudonyms: bool = False
    """Whether user ids become pseudonyms where they enter the job (HMAC-SHA256 with the key of
    INTERESTREAM_PSEUDONYM_KEY or of the file that INTERESTREAM_PSEUDONYM_KEY_FILE names). Switch
    it on for a job that starts anew: what was kept before has the raw ids (see docs/privacy.md)."""
