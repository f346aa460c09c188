"""The errors of formats; what a person reads says what to do."""

from jobs.errors import InterestreamError


class RegistryUnavailableError(InterestreamError):
    """The schema registry did not give a schema, for a reason that may pass: try again."""


class UnreadableRecordError(ValueError):
    """A record that cannot be read; it never leaves this package. See `Undecodable`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
