"""What is said of settings that cannot be used, in our words alone."""

import pytest

from jobs.config import load_config
from jobs.errors import ConfigError
from jobs.serve_settings import Serve, with_api_key


def test_a_key_that_is_too_short_is_told_in_our_words() -> None:
    with pytest.raises(ConfigError, match=r"^INTERESTREAM_API_KEY needs 16 characters at least"):
        with_api_key(Serve(), "short")


def test_a_section_that_cannot_be_used_is_told_in_our_words() -> None:
    with pytest.raises(
        ConfigError, match=r"interest\.half_lives_s: there is a window of this name"
    ):
        load_config(None, ['interest.half_lives_s={"session": 5}'])
