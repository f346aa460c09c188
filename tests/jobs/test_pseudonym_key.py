"""Without a key that can be used a job with pseudonyms does not start, and says what to do."""

import pytest

from interestream.pseudonyms import KEY, KEY_FILE
from jobs.config import load_config
from jobs.errors import ConfigError
from jobs.privacy_settings import Privacy
from jobs.pseudonym_key import pseudonyms_of_job

SECRET = "k" * 32


def test_a_job_of_raw_ids_needs_no_key() -> None:
    assert pseudonyms_of_job(Privacy(), {KEY: SECRET}) is None


def test_a_job_of_pseudonyms_reads_its_key() -> None:
    pseudonyms = pseudonyms_of_job(Privacy(pseudonyms=True), {KEY: SECRET})
    assert pseudonyms is not None
    assert pseudonyms("ada").startswith("ps1-")


@pytest.mark.parametrize(
    ("environ", "says"),
    [({}, f"set {KEY_FILE} to a file"), ({KEY: "short"}, "has 5 bytes, and needs 32 at least")],
)
def test_a_key_that_is_missing_or_too_short_is_told(environ: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        pseudonyms_of_job(Privacy(pseudonyms=True), environ)


def test_the_key_is_no_key_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"privacy\.key"):
        load_config(None, [f"privacy.key={SECRET}"])


def test_pseudonyms_must_be_ids() -> None:
    with pytest.raises(ConfigError, match="max_id_chars of 36"):
        load_config(None, ["privacy.pseudonyms=true", "limits.max_id_chars=35"])
