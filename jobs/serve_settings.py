"""The section of the configuration for `interestream serve`; the job does not read it."""

from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator

from jobs.config_section import Section
from jobs.errors import ConfigError
from jobs.secret_values import API_KEY
from jobs.validation_messages import plain_message

MIN_KEY_CHARS = 16


class Serve(Section):
    """Where `interestream serve` listens, whom it answers, and what it may ask of Postgres."""

    host: str = "127.0.0.1"
    """Address at which `interestream serve` listens; give it an `api_key` before any other one."""
    port: int = Field(8090, ge=1, le=65_535)
    """Port at which it listens."""
    api_key: SecretStr = SecretStr("")
    """Key that every request but `/live` needs, of 16 characters at least; INTERESTREAM_API_KEY, or
    the file that INTERESTREAM_API_KEY_FILE names, if the configuration has none. Empty: anybody who
    reaches the port may ask."""
    accepts: tuple[Literal["events", "items"], ...] = ()
    """Streams of `sources` to which POST may append; none unless named."""
    pool_size: int = Field(8, ge=1, le=1_000)
    """Most connections to Postgres that questions take; `/metrics` has one more."""
    pool_wait_s: float = Field(2.0, gt=0)
    """How long a request waits for one of them, in seconds; then Postgres counts as away."""
    max_waiting: int = Field(200, ge=1)
    """Most requests that wait for a connection; a further one is refused at once."""
    statement_timeout_s: float = Field(5.0, gt=0)
    """Longest time of one statement, in seconds; Postgres cancels a longer one."""
    scrape_s: float = Field(8.0, gt=0)
    """Longest time of all statements for one answer of `/metrics`, in seconds; below Prometheus'
    own limit (10 s)."""
    cache_s: float = Field(5.0, ge=0)
    """For how long an answer of `/metrics` or `/health` is given again without asking anew, in
    seconds."""
    counts_s: float = Field(60.0, ge=0)
    """The same for the numbers that read whole tables, in seconds."""
    max_k: int = Field(1_000, ge=1, le=1_000)
    """Most rows that a question may ask for."""
    max_users: int = Field(1_000, ge=1)
    """Most users of one question."""
    max_list: int = Field(10_000, ge=1)
    """Most entries of another list in a question, such as the items to leave out."""
    max_body_bytes: int = Field(4_000_000, ge=1_000)
    """Longest body of a request in bytes."""
    max_age_s: int = Field(10, ge=0)
    """For how long a program may keep an answer that is the same for all users (`trending`,
    `similar_items`), in seconds; 0 lets it keep none."""
    map_items: int = Field(3_000, ge=0, le=10_000)
    """Items of the page's map, a sample of the catalogue; 0 for no map."""
    map_s: float = Field(3_600.0, gt=0)
    """For how long a map is shown before another one is drawn, in seconds; a drawing reads all ids
    of items and takes a second of processor time."""
    show_raw_dead_letters: bool = False
    """Whether the page shows the raw records of dead letters; the role of the connection string
    must be a member of interestream_admin then."""

    @field_validator("api_key")
    @classmethod
    def _key_is_long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < MIN_KEY_CHARS:
            raise ValueError(f"needs {MIN_KEY_CHARS} characters at least: `openssl rand -hex 32`")
        return key


def with_api_key(settings: Serve, key: str) -> Serve:
    """The settings with a key from elsewhere; raises ConfigError for one that is too short."""
    try:
        return Serve.model_validate({**settings.model_dump(), "api_key": key})
    except ValidationError as error:
        (mistake, *_) = error.errors(include_input=False)
        raise ConfigError(f"{API_KEY} {plain_message(mistake)}") from None
