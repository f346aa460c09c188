"""The job's configuration: one frozen model per concern, read in one place.

A file is TOML with one table per concern; `section.key=value` overrides single keys. The
connection string may come from `INTERESTREAM_DSN` and settings of Kafka's clients from
`INTERESTREAM_KAFKA_PROPERTIES`, so that no command line shows them (nor the password of a schema
registry, `INTERESTREAM_SCHEMA_REGISTRY_PASSWORD`), or from the files that these names with `_FILE`
behind them name, and the registry of bundles from `INTERESTREAM_REGISTRY`.

The sentence under each key is its row in docs/configuration.md.
"""

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from jobs.action_settings import DEFAULT_ACTIONS, Action
from jobs.config_section import Section
from jobs.errors import ConfigError
from jobs.feedback_settings import FeedbackSettings
from jobs.kafka_topics import KafkaTopics, add_kafka_properties
from jobs.learning_settings import Learning
from jobs.metrics.settings import Metrics
from jobs.neighbor_settings import Neighbors
from jobs.privacy_settings import PSEUDONYM_CHARS, Privacy
from jobs.retention_settings import Retention
from jobs.secret_values import DSN, KAFKA_PROPERTIES, REGISTRY_PASSWORD, secret
from jobs.sequence_settings import SequenceModels
from jobs.serve_settings import Serve
from jobs.stream_formats import StreamFormats, add_registry_password
from jobs.trend_settings import DAY_S, Trends
from jobs.validation_messages import plain_message

_OVERRIDE_KEY = re.compile(r"[\w-]+(\.[\w-]+)+")


class Sources(Section):
    """Where the streams of raw lines come from."""

    kind: Literal["files", "kafka"] = "files"
    """`files` reads the folders below `root`, `kafka` the topics of `sources.kafka`."""
    root: Path = Path(".interestream/streams")
    """Folder of the streams: the folders `events`, `items` and `control`, which hold files of
    lines."""
    monitor_interval_ms: int = Field(50, gt=0)
    """How often the folders are checked for new files, in milliseconds."""
    items_first: bool = True
    """Whether events wait after each restart, for a second and at most half a minute, until the
    items that lie in their folder are read."""
    keep_s: float | None = Field(None, gt=0)
    """How long a file stays at least in its folder, in seconds: an older one is removed when the
    job's checkpoints have covered it. Without a number files stay for ever. It needs
    `checkpoints.directory` (see docs/operations.md)."""
    kafka: KafkaTopics = KafkaTopics()
    """Topics of Kafka."""
    formats: StreamFormats = StreamFormats()
    """Formats of the streams, where they are not JSON of the contract."""

    @model_validator(mode="after")
    def _kafka_is_named(self) -> "Sources":
        if self.kind == "kafka" and not self.kafka.bootstrap:
            raise ValueError(
                "kind 'kafka' needs kafka.bootstrap: the brokers, as HOST:PORT,HOST:PORT"
            )
        topics = (self.kafka.events, self.kafka.items, self.kafka.control)
        if self.kind == "kafka" and len(set(topics)) < len(topics):
            raise ValueError("kafka.events, kafka.items and kafka.control must be three topics")
        if self.kafka.dead_letters in topics:
            raise ValueError(
                "kafka.dead_letters cannot be a topic that the job reads: it would read them again"
            )
        if self.kafka.dead_letters and self.kind != "kafka":
            raise ValueError("kafka.dead_letters needs kind 'kafka'")
        if self.kind == "kafka" and self.keep_s is not None:
            raise ValueError("keep_s removes files: a topic has its own retention (docs/kafka.md)")
        return self


class Database(Section):
    """How the job connects to Postgres, and how long it waits for it."""

    dsn: SecretStr = SecretStr("")
    """Postgres connection string; INTERESTREAM_DSN, or the file that INTERESTREAM_DSN_FILE names,
    if the configuration has none."""
    retry_max_wait_s: float = Field(5.0, gt=0)
    """Longest pause between two attempts while Postgres cannot be reached, in seconds."""
    start_wait_s: float = Field(60.0, ge=0)
    """How long the start waits for a Postgres that refuses connections, in seconds."""
    patience_s: float = Field(120.0, gt=0)
    """How long a batch waits for Postgres before the job restarts from its last checkpoint and
    waits again, in seconds; a waiting task cannot be stopped, so stay below Flink's limit of 180.
    """
    synchronous_commit: Literal["on", "off", "local", "remote_write", "remote_apply"] = "on"
    """Postgres' setting of this name; `off` is a little faster, and loses the last commits when
    Postgres itself crashes."""


class EncoderSettings(Section):
    """Which encoder the job uses, and how it runs."""

    bundle: Path = Path(".interestream/bundles/minilm/fp32-fused-1")
    """Encoder bundle that the active space was built with: a folder, or NAME@VERSION, NAME@latest,
    NAME@space (the version that the space was built with) of the registry."""
    registry: str = ""
    """Folder or URL where bundles are published; INTERESTREAM_REGISTRY if the file has none."""
    bundle_cache: Path | None = None
    """Folder for bundles that are fetched from object stores; by default the user's cache
    folder."""
    provider: Literal["auto", "cpu", "cuda"] = "cpu"
    """ONNX Runtime provider; `auto` uses CUDA if it is available."""
    threads: int = Field(1, ge=0)
    """Threads of one encoder inside the job; 0 leaves the number to ONNX Runtime."""
    cache_size: int = Field(50_000, ge=0)
    """Number of distinct texts whose vectors each encoder keeps in memory."""
    store: Path | None = None
    """File that keeps vectors across restarts; without one, texts are encoded again."""


class Batching(Section):
    """How records are grouped into batches, and how many slots process them."""

    buckets: int = Field(4, ge=1, le=1024)
    """Groups of users (and of items) that are batched and written together; a savepoint must be
    restored with the same number. One bucket per slot is freshest, more leave room for more slots.
    """
    batch_ms: int = Field(100, ge=10, le=10_000)
    """Length of a batch in milliseconds: a shorter one is fresher, a longer one writes less."""
    parallelism: int = Field(1, ge=1)
    """Number of parallel slots, each in a TaskManager of its own."""
    cache_mb: int = Field(256, ge=0)
    """Memory of a slot for the entries of recently active users, in megabytes; 0 reads every user
    from the state."""


class Limits(Section):
    """Which records are rejected as dead letters."""

    max_line_bytes: int = Field(65_536, gt=0)
    """Longest record in bytes. A longer one becomes a dead letter that keeps its beginning, up to
    four times as many bytes, which a window of Flink must hold."""
    max_text_chars: int = Field(8_192, gt=0)
    """Longest text in characters; a record with a longer one is a dead letter."""
    max_id_chars: int = Field(256, gt=0)
    """Longest id in characters; a record with a longer one is a dead letter."""
    earliest_ms: int = 631_152_000_000
    """Earliest event time in epoch milliseconds (1990-01-01); an earlier event is a dead letter."""
    latest_ahead_s: int = Field(86_400, ge=0)
    """How far event time may be ahead of the clock, in seconds; a later event is a dead letter."""


class Interest(Section):
    """What the job keeps about a user, and when it writes it."""

    half_lives_s: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {"day": 86_400.0, "month": 2_592_000.0}
    )
    """Half-life windows of likes: name and half-life in seconds."""
    dislikes_half_life_s: float = Field(2_592_000.0, ge=0)
    """Half-life of the window `dislikes`, in seconds; 0 switches it off."""
    topics_half_life_s: float = Field(2_592_000.0, ge=0)
    """Half-life of the window `topics` (what a user engages with, liked or not), in seconds; 0
    switches it off."""
    last_n: int = Field(32, ge=0, le=256)
    """Number of last positive interactions that are kept; 0 switches `recent`, `session` and
    interests off."""
    recent_half_life_events: float = Field(3.0, gt=0)
    """Half-life of an interaction's weight in the window `recent`, in events."""
    session_gap_s: float = Field(1_800.0, gt=0)
    """Longest pause within a session, in seconds; the window `session` begins after a longer
    one."""
    max_interests: int = Field(4, ge=1, le=16)
    """Most interests kept per user; recommend() reads the strongest three, user_interests() shows
    all."""
    interest_cosine: float = Field(0.35, gt=-1, lt=1)
    """Items at least this similar to a medoid belong to its interest."""
    interest_half_life_events: float = Field(12.0, gt=0)
    """Half-life of an interaction's weight in the interests, in events."""
    undo_last_n: int = Field(64, ge=0, le=1024)
    """Number of a user's newest events in the undo log, ratings included: an older event can no
    longer be undone or replaced."""
    slow_delay_s: float = Field(5.0, ge=0, le=3_600)
    """Longest time by which the write of a row that has hardly moved is deferred, in seconds; 0
    writes every changed row with its batch."""
    at_once: tuple[str, ...] = ()
    """Names of half-life windows, or `session`, whose rows are never deferred: they are written
    with every batch that changed them."""
    slow_share: float = Field(0.2, ge=0)
    """Share of its weight that a row must have gained since its last write to be written at once;
    a row that gained less is deferred."""
    relations: bool = True
    """Whether the table `user_items` is written: what each user did with each item."""

    @field_validator("half_lives_s")
    @classmethod
    def _names_are_free(cls, half_lives_s: dict[str, float]) -> dict[str, float]:
        if taken := half_lives_s.keys() & {"recent", "session", "topics", "dislikes"}:
            raise ValueError(f"there is a window of this name already: {', '.join(sorted(taken))}")
        return half_lives_s

    @model_validator(mode="after")
    def _windows_at_once_exist(self) -> "Interest":
        known = {*self.half_lives_s, "session", "topics", "dislikes"}
        if unknown := set(self.at_once) - known:
            raise ValueError(
                f"at_once names {', '.join(sorted(unknown))}: the windows that can be deferred are"
                f" {', '.join(sorted(known))}"
            )
        return self


class SentimentSettings(Section):
    """How the sentiment of comments is computed."""

    neutral_band: float = Field(0.25, ge=0, lt=1)
    """A comment whose score is at most this far from 0 is neutral; the average sentence of clear
    sentiment scores 1 or -1."""
    classifier: str = ""
    """`package.module:function` from texts and their vectors to scores from -1 to 1; without one,
    the space's sentiment prototypes decide (see docs/text.md)."""


class Checkpoints(Section):
    """How often Flink saves the job's state, and how failures are treated."""

    interval_ms: int = Field(10_000, gt=0)
    """Time between checkpoints, in milliseconds. Rows do not wait for checkpoints; after a failure,
    records since the last one are read again."""
    timeout_ms: int = Field(60_000, gt=0)
    """Longest time that a checkpoint may take, in milliseconds; a slower one has failed."""
    max_failures: int = Field(3, ge=0)
    """Checkpoints that may fail in a row; after one more the job restarts from the last completed
    one."""
    directory: Path | None = None
    """Folder of the checkpoints; by default the cluster's setting applies. Removing files that are
    read, and merging users in a job of several slots, need it."""
    max_restarts: int | None = Field(None, ge=0)
    """Restarts in a row after which the job fails; one is forgotten when the job has run for a
    minute without a failure. By default no number ends the job."""


class Config(Section):
    """The whole configuration of the job."""

    sources: Sources = Sources()
    database: Database = Database()
    encoder: EncoderSettings = EncoderSettings()
    batching: Batching = Batching()
    limits: Limits = Limits()
    interest: Interest = Interest()
    sentiment: SentimentSettings = SentimentSettings()
    trends: Trends = Trends()
    neighbors: Neighbors = Neighbors()
    learning: Learning = Learning()
    feedback: FeedbackSettings = FeedbackSettings()
    sequence: SequenceModels = SequenceModels()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    checkpoints: Checkpoints = Checkpoints()
    metrics: Metrics = Metrics()
    serve: Serve = Serve()
    actions: dict[str, Action] = DEFAULT_ACTIONS

    @model_validator(mode="after")
    def _checkpoints_can_be_read(self) -> "Config":
        if self.sources.keep_s is not None and self.checkpoints.directory is None:
            raise ValueError(
                "sources.keep_s needs checkpoints.directory: files are removed when the checkpoints"
                " there cover them"
            )
        return self

    @model_validator(mode="after")
    def _pseudonyms_are_ids(self) -> "Config":
        if self.privacy.pseudonyms and self.limits.max_id_chars < PSEUDONYM_CHARS:
            raise ValueError(
                f"privacy.pseudonyms needs limits.max_id_chars of {PSEUDONYM_CHARS} at least: so"
                " long is a pseudonym"
            )
        return self

    @model_validator(mode="after")
    def _shared_counts_are_private(self) -> "Config":
        if self.privacy.epsilon is None:
            return self
        if not self.trends.enabled or self.neighbors.enabled or self.learning.enabled:
            raise ValueError(
                "privacy.epsilon needs trends.enabled = true, neighbors.enabled = false and"
                " learning.enabled = false: only counts of days are released with noise"
            )
        lengths = [length_s for length_s, _ in self.trends.horizons.values()]
        if not any(length_s % DAY_S == 0 for length_s in lengths):
            raise ValueError("privacy.epsilon needs a horizon of trends of whole days")
        if DAY_S % self.trends.update_s:
            raise ValueError("privacy.epsilon needs a trends.update_s that divides a day")
        return self

    @model_validator(mode="after")
    def _impressions_have_no_weight(self) -> "Config":
        action = self.actions.get(self.feedback.action)
        if self.feedback.enabled and action is not None and (action.weight or action.undoes):
            raise ValueError(
                f"feedback.action is '{self.feedback.action}', whose events change what a user is"
                " interested in: give it weight 0, or set feedback.enabled to false"
            )
        return self

    @field_validator("actions")
    @classmethod
    def _undone_actions_exist(cls, actions: dict[str, Action]) -> dict[str, Action]:
        for name, action in actions.items():
            undone = actions.get(action.undoes)
            if action.undoes and (undone is None or undone.undoes):
                raise ValueError(f"'{name}' undoes '{action.undoes}', which is no action to undo")
            if undone is not None and undone.text != "none":
                raise ValueError(
                    f"'{name}' undoes '{action.undoes}': an action with a text cannot be undone"
                )
            if action.undoes and action.weight:
                raise ValueError(f"'{name}' undoes another action: its own weight must be 0")
        return actions


def load_config(path: Path | None = None, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file and `section.key=value` overrides.

    Keys that neither sets have their defaults; the connection string and the registry come from the
    environment instead. Raises ConfigError with every key that cannot be used.
    """
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"cannot read the configuration {path}: {error}") from error
    for override in overrides:
        _set(tree, override)
    if isinstance(database := tree.setdefault("database", {}), dict):
        database.setdefault("dsn", secret(DSN))
    if isinstance(encoder := tree.setdefault("encoder", {}), dict):
        encoder.setdefault("registry", os.environ.get("INTERESTREAM_REGISTRY", ""))
    if isinstance(sources := tree.setdefault("sources", {}), dict):
        add_kafka_properties(sources, secret(KAFKA_PROPERTIES))
        add_registry_password(sources, secret(REGISTRY_PASSWORD))
    if isinstance(actions := tree.get("actions"), dict):
        tree["actions"] = _with_defaults(actions)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, problem['loc']))}: {plain_message(problem)}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigError("the configuration cannot be used:\n" + "\n".join(lines)) from error


def _with_defaults(actions: dict[str, Any]) -> dict[str, Any]:
    """The default actions with the given keys replaced, and the added actions."""
    merged: dict[str, Any] = {name: action.model_dump() for name, action in DEFAULT_ACTIONS.items()}
    for name, given in actions.items():
        default = merged.get(name)
        merged[name] = {**default, **given} if default and isinstance(given, dict) else given
    return merged


def _set(tree: dict[str, Any], override: str) -> None:
    """Set the key of an override `section.key=value` in the tree of sections.

    Raises ConfigError for another form, and for a key below a value.
    """
    key, separator, text = override.partition("=")
    if not separator or not _OVERRIDE_KEY.fullmatch(key):
        # Show the first word only: the rest may be a connection string.
        word = re.split(r"[^\w.-]", override, maxsplit=1)[0]
        raise ConfigError(f"an override has the form section.key=value, unlike '{word}...'")
    *parents, leaf = key.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{key} cannot be set: '{parent}' is a value, not a section")
    try:
        tree[leaf] = orjson.loads(text)
    except orjson.JSONDecodeError:
        tree[leaf] = text
