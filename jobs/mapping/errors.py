"""The errors of mappings; each message names the key to correct and what is allowed."""

from jobs.errors import InterestreamError


class MappingError(InterestreamError):
    """A mapping cannot be used; the message names the key."""


class UnreadableValueError(ValueError):
    """A value of a record is not what its field needs. It never leaves this package."""


class NoRoomError(InterestreamError):
    """There is no room for the items of a pass in the folder of temporary files."""
