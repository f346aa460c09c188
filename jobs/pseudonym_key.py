"""The key of pseudonyms: it comes from the environment, and is no part of the configuration."""

from collections.abc import Mapping

from interestream.errors import PseudonymKeyError
from interestream.pseudonyms import KEY, KEY_FILE, Pseudonyms, read_pseudonyms
from jobs.errors import ConfigError
from jobs.privacy_settings import Privacy

KEY_VARIABLES = (KEY, KEY_FILE)
"""Environment variables of the key."""


def given_pseudonyms(environ: Mapping[str, str]) -> Pseudonyms | None:
    """The pseudonyms of the key in the environment; None without one.

    Raises ConfigError for a key that cannot be used.
    """
    try:
        return read_pseudonyms(environ)
    except PseudonymKeyError as error:
        raise ConfigError(str(error)) from error


def pseudonyms_of_job(privacy: Privacy, environ: Mapping[str, str]) -> Pseudonyms | None:
    """The pseudonyms of a job, by the key of its environment; None where it has raw ids.

    Raises ConfigError where there is no key, or one that cannot be used.
    """
    if not privacy.pseudonyms:
        return None
    pseudonyms = given_pseudonyms(environ)
    if pseudonyms is None:
        raise ConfigError(
            f"privacy.pseudonyms needs a key: set {KEY_FILE} to a file that holds one, or {KEY}"
            " to the key itself (`openssl rand -hex 32` makes one)"
        )
    return pseudonyms
