"""Why a question was not answered; the database's own error is the cause of each."""

import psycopg


class AskError(Exception):
    """The database refused a question; the message says why, and what to do where it knows."""


class InvalidQuestionError(AskError):
    """An argument that cannot be used: `k` out of range, no user, a vector of another size."""


class UnknownItemError(AskError):
    """The item has no vector in the space: it is unknown, or not encoded yet."""


class UnknownSpaceError(AskError):
    """There is no such embedding space."""


class NoActiveSpaceError(AskError):
    """No embedding space is active: the job has not been set up yet."""


class NotAllowedError(AskError):
    """The role may not ask this: connect as a member of interestream_reader."""


_MEANINGS: dict[str, type[AskError]] = {
    "22004": InvalidQuestionError,  # null_value_not_allowed
    "22023": InvalidQuestionError,  # invalid_parameter_value
    "P0002": UnknownItemError,  # no_data_found
    "42704": UnknownSpaceError,  # undefined_object
    "55000": NoActiveSpaceError,  # object_not_in_prerequisite_state
    "42501": NotAllowedError,  # insufficient_privilege
}


def meaning(error: psycopg.Error) -> AskError | None:
    """Our error for one that the functions raise on purpose; None for any other, a lost
    connection say, which stays what it is."""
    kind = _MEANINGS.get(error.sqlstate or "")
    if kind is None:
        return None
    said = error.diag.message_primary or str(error)
    return kind(f"{said}. {error.diag.message_hint}" if error.diag.message_hint else said)
