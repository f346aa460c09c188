"""Why the database did not answer; its own error is the `__cause__` of each of these."""

import psycopg


class AskError(Exception):
    """The database refused to answer; the message says why and, where it can, what to do."""


class InvalidQuestionError(AskError):
    """An argument is out of range: `k` is not 1 to 1,000, no user, a vector of another size."""


class UnknownItemError(AskError):
    """The item has no vector in the space: it is unknown, or not encoded yet."""


class UnknownSpaceError(AskError):
    """There is no such embedding space."""


class NoActiveSpaceError(AskError):
    """No embedding space is active: the job has not been set up yet."""


class NotAllowedError(AskError):
    """The role may not ask this: connect as a member of `interestream_reader`."""


class PseudonymKeyError(ValueError):
    """The key of pseudonyms is missing, too short or cannot be read; the message says which."""


_BY_SQLSTATE: dict[str, type[AskError]] = {
    "22004": InvalidQuestionError,  # null_value_not_allowed
    "22023": InvalidQuestionError,  # invalid_parameter_value
    "P0002": UnknownItemError,  # no_data_found
    "42704": UnknownSpaceError,  # undefined_object
    "55000": NoActiveSpaceError,  # object_not_in_prerequisite_state
    "42501": NotAllowedError,  # insufficient_privilege
}


def translate_error(error: psycopg.Error) -> AskError | None:
    """Return our error for one that the SQL functions raise on purpose.

    None stands for any other error, such as a lost connection, which callers raise as it is.
    """
    kind = _BY_SQLSTATE.get(error.sqlstate or "")
    if kind is None:
        return None
    message = error.diag.message_primary or str(error)
    hint = error.diag.message_hint
    return kind(f"{message}. {hint}" if hint else message)
