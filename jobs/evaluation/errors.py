"""Errors of an evaluation; each message says what to do."""

from jobs.errors import InterestreamError


class EvaluationError(InterestreamError):
    """The evaluation cannot be made with this data or these options."""


class OtherSettingsError(InterestreamError):
    """The output folder holds answers of an evaluation with other settings or data."""
