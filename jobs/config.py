"""The job's configuration: one frozen model per concern, read in one place.

A file is TOML with one table per concern; single keys can be overridden with
`section.key=value`; the connection string may come from `INTERESTREAM_DSN` so that it
stands in no command line, and the bundles' registry from `INTERESTREAM_REGISTRY`.
"""

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from jobs.errors import ConfigError

_OVERRIDE_KEY = re.compile(r"[\w-]+(\.[\w-]+)+")


class Section(BaseModel):
    """A part of the configuration: immutable, unknown keys are errors, docs under the fields."""

    # An error must not show what was given: it may be the connection string under a wrong key.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )


class Sources(Section):
    root: Path = Path(".interestream/streams")
    """Folder that holds the streams as folders of line files: events, items, control."""
    monitor_interval_ms: int = Field(50, gt=0)
    """How often the folders are looked at for new files, in milliseconds."""


class Database(Section):
    dsn: SecretStr = SecretStr("")
    """Postgres connection string (INTERESTREAM_DSN where the file has none)."""
    retry_max_wait_s: float = Field(5.0, gt=0)
    """Longest pause between two attempts while Postgres cannot be reached, in seconds."""
    start_wait_s: float = Field(60.0, ge=0)
    """How long the start waits for a Postgres that refuses connections, in seconds."""
    patience_s: float = Field(120.0, gt=0)
    """How long a batch waits for Postgres before the job starts again from its last checkpoint and
    goes on waiting, in seconds; a task that waits cannot be stopped, and Flink's own limit is 180.
    """
    synchronous_commit: Literal["on", "off", "local", "remote_write", "remote_apply"] = "on"
    """`off` is a little faster, and loses the last commits when Postgres itself crashes."""


class EncoderSettings(Section):
    bundle: Path = Path(".interestream/bundles/minilm/fp32-fused-1")
    """Encoder bundle that the active space was built with: a folder, or NAME@VERSION, NAME@latest,
    NAME@space (the version that the space was built with) of the registry."""
    registry: str = ""
    """Folder or URL where bundles are published (INTERESTREAM_REGISTRY where the file has none)."""
    bundle_cache: Path | None = None
    """Where bundles of object stores are kept; without one, the user's cache folder."""
    provider: Literal["auto", "cpu", "cuda"] = "cpu"
    """ONNX Runtime provider; `auto` takes a GPU where one answers and says so."""
    threads: int = Field(1, ge=0)
    """Threads of one encoder inside the job; 0 leaves it to ONNX Runtime."""
    cache_size: int = Field(50_000, ge=0)
    """Distinct texts whose vectors each encoder keeps in memory."""
    store: Path | None = None
    """File that keeps vectors across restarts; without one texts are encoded anew."""


class Batching(Section):
    buckets: int = Field(4, ge=1, le=1024)
    """Groups of users (and of items) that are batched and written together; fixed for the life
    of a savepoint. One for each slot is freshest, more leave room for more slots."""
    batch_ms: int = Field(100, ge=10, le=10_000)
    """Length of a batch in milliseconds: shorter is fresher, longer writes less."""
    parallelism: int = Field(1, ge=1)
    """Parallel slots; one TaskManager with one slot each."""
    cache_mb: int = Field(256, ge=0)
    """Memory of a slot for users who were active lately, so that they need not be read from the
    state, in megabytes; 0 reads every user from the state."""


class Limits(Section):
    max_line_bytes: int = Field(65_536, gt=0)
    """A longer record is a dead letter, in bytes."""
    max_text_chars: int = Field(8_192, gt=0)
    """A longer text is a dead letter, in characters."""
    max_id_chars: int = Field(256, gt=0)
    """A longer id is a dead letter, in characters."""
    earliest_ms: int = 631_152_000_000
    """Events before this are dead letters, epoch milliseconds (1990-01-01)."""
    latest_ahead_s: int = Field(86_400, ge=0)
    """Events further ahead of the clock than this are dead letters, in seconds."""


class Interest(Section):
    half_lives_s: dict[str, Annotated[float, Field(gt=0)]] = {
        "day": 86_400.0,
        "month": 2_592_000.0,
    }
    """Half-life windows over what a user likes: name and half-life in seconds."""
    dislikes_half_life_s: float = Field(2_592_000.0, ge=0)
    """Half-life of dislikes, in seconds; 0: none are kept."""
    topics_half_life_s: float = Field(2_592_000.0, ge=0)
    """Half-life of what a user pays attention to, liked or not, in seconds; 0: none is kept."""
    last_n: int = Field(32, ge=0, le=256)
    """Positive interactions that are kept one by one; 0: neither `recent`, `session` nor
    interests."""
    recent_half_life_events: float = Field(3.0, gt=0)
    """Half-life of the `recent` window, in events."""
    session_gap_s: float = Field(1_800.0, gt=0)
    """A longer pause ends the `session` window, in seconds."""
    max_interests: int = Field(4, ge=1, le=16)
    """Interests kept per user."""
    interest_cosine: float = Field(0.35, gt=-1, lt=1)
    """Items at least this similar to a medoid belong to its interest."""
    interest_half_life_events: float = Field(12.0, gt=0)
    """Half-life of an interaction's weight in the interests, in events."""
    undo_last_n: int = Field(64, ge=0, le=1024)
    """How many of a user's events that can be undone are remembered for it."""
    slow_delay_s: float = Field(5.0, ge=0, le=3_600)
    """Half-life windows, `session` and interests that have hardly moved are written after this
    time at the latest, in seconds; 0: with every batch."""
    at_once: tuple[str, ...] = ()
    """Half-life windows, and `session`, that are written with every batch that changed them."""
    slow_share: float = Field(0.2, ge=0)
    """A half-life window, or `session`, that has gained this share of its weight is written at
    once."""
    relations: bool = True
    """Whether `user_items` is kept: what each user did with each item."""

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
                f"at_once names {', '.join(sorted(unknown))}: the windows that can wait are"
                f" {', '.join(sorted(known))}"
            )
        return self


class SentimentSettings(Section):
    neutral_band: float = Field(0.25, ge=0, lt=1)
    """A said text whose score is no further from 0 is about its item, without liking or disliking;
    1 is the average sentence of clear sentiment."""
    classifier: str = ""
    """`package.module:function` from texts and their vectors to scores from -1 to 1; without one
    the space's sentiment prototypes decide (see docs/text.md)."""


class Trends(Section):
    enabled: bool = True
    """Whether the job counts what is trending; without it trending() asks `user_items`."""
    horizons: dict[str, tuple[int, int]] = {
        "hour": (3_600, 60),
        "day": (86_400, 1_800),
        "week": (604_800, 10_800),
    }
    """Length and slide of each horizon in seconds; it ends at the next multiple of its slide."""
    update_s: int = Field(10, ge=1, le=3_600)
    """Length of the event-time windows that are counted, and least time between two writes, in
    seconds."""
    leap_s: int = Field(3_600, gt=0)
    """An event further ahead of all others than this does not move event time alone, in seconds."""
    keep: int = Field(2_000, ge=1, le=100_000)
    """Items kept per horizon, those with the most weight."""

    @model_validator(mode="after")
    def _slides_fit(self) -> "Trends":
        if not self.horizons:
            raise ValueError("horizons: name at least one, or set enabled to false")
        for name, (length_s, slide_s) in self.horizons.items():
            if slide_s <= 0 or slide_s % self.update_s or length_s % slide_s:
                raise ValueError(
                    f"horizon '{name}': its length must be a multiple of its slide, and that of"
                    f" update_s: {length_s}, {slide_s}, {self.update_s}"
                )
            if not 2 <= length_s // slide_s <= 1_000:
                raise ValueError(f"horizon '{name}' must have 2 to 1000 slides")
        lengths = [length_s for length_s, _ in self.horizons.values()]
        if len(set(lengths)) < len(lengths):
            raise ValueError("two horizons are of the same length")
        return self


class Retention(Section):
    duplicate_ttl_s: int = Field(604_800, gt=0)
    """How long a repeated event_id is recognised, in seconds of processing time."""
    duplicate_last_n: int = Field(4_096, gt=0)
    """How many of a user's newest event ids are remembered at most."""
    waiting_ttl_s: int = Field(3_600, gt=0)
    """How long an event waits for its item, in seconds of processing time."""
    user_ttl_s: int = Field(34_560_000, gt=0)
    """How long the state of a user without events is kept, in seconds of processing time."""


class Checkpoints(Section):
    interval_ms: int = Field(10_000, gt=0)
    """Time between checkpoints, in milliseconds. Rows do not wait for them; after a failure as much
    is read again."""
    timeout_ms: int = Field(60_000, gt=0)
    """A checkpoint that takes longer has failed, in milliseconds."""
    max_failures: int = Field(3, ge=0)
    """Checkpoints that may fail in a row; one more, and the job restarts from the last good one."""
    directory: Path | None = None
    """Where checkpoints go; without one the cluster's own setting holds."""
    max_restarts: int = Field(1_000, ge=0)
    """Restarts before the job gives up."""


class Action(Section):
    weight: float = Field(ge=0)
    """Strength of one such event."""
    sign: Literal[1, -1] = 1
    """+1 for liking, -1 for disliking."""
    scale: Literal["none", "linear", "signed"] = "none"
    """How `value` scales the weight (see docs/contract.md)."""
    value_range: tuple[float, ...] = ()
    """(low, high) for linear, (low, neutral, high) for signed."""
    text: Literal["none", "wanted", "said"] = "none"
    """Whether the event's text is what the user wants, or what the user says."""
    seen: bool = True
    """Whether the item counts as seen, and is not recommended again."""
    undoes: str = ""
    """The action that is taken back on the same item, as far as it came before."""

    @model_validator(mode="after")
    def _range_fits_scale(self) -> "Action":
        wanted = {"none": 0, "linear": 2, "signed": 3}[self.scale]
        if len(self.value_range) != wanted or list(self.value_range) != sorted(
            set(self.value_range)
        ):
            raise ValueError(f"scale '{self.scale}' needs {wanted} rising numbers in value_range")
        if self.scale == "signed" and self.sign != 1:
            raise ValueError("scale 'signed' takes its sign from the value: leave sign at 1")
        return self


DEFAULT_ACTIONS: dict[str, Action] = {
    "impression": Action(weight=0, seen=False),
    "view": Action(weight=1),
    "dwell": Action(weight=2, scale="linear", value_range=(0, 120)),
    "click": Action(weight=1),
    "search": Action(weight=2, text="wanted", seen=False),
    "like": Action(weight=3),
    "dislike": Action(weight=3, sign=-1),
    "skip": Action(weight=0.5, sign=-1),
    "comment": Action(weight=1, text="said"),
    "review": Action(weight=4, scale="signed", value_range=(0, 2.5, 5), text="said"),
    "share": Action(weight=3),
    "cart": Action(weight=3),
    "purchase": Action(weight=5),
    "unlike": Action(weight=0, undoes="like"),
    "undislike": Action(weight=0, undoes="dislike"),
    "uncart": Action(weight=0, undoes="cart"),
    "return": Action(weight=0, undoes="purchase"),
    "rating": Action(weight=4, scale="signed", value_range=(0, 2.5, 5)),
}


class Config(Section):
    """Everything the job can be told."""

    sources: Sources = Sources()
    database: Database = Database()
    encoder: EncoderSettings = EncoderSettings()
    batching: Batching = Batching()
    limits: Limits = Limits()
    interest: Interest = Interest()
    sentiment: SentimentSettings = SentimentSettings()
    trends: Trends = Trends()
    retention: Retention = Retention()
    checkpoints: Checkpoints = Checkpoints()
    actions: dict[str, Action] = DEFAULT_ACTIONS

    @field_validator("actions")
    @classmethod
    def _undone_actions_exist(cls, actions: dict[str, Action]) -> dict[str, Action]:
        for name, action in actions.items():
            undone = actions.get(action.undoes)
            if action.undoes and (undone is None or undone.undoes):
                raise ValueError(f"'{name}' undoes '{action.undoes}', which is no action to undo")
            if undone is not None and undone.text != "none":
                raise ValueError(f"'{name}' undoes '{action.undoes}': what has a text stays")
            if action.undoes and action.weight:
                raise ValueError(f"'{name}' undoes another action: its own weight must be 0")
        return actions


def load_config(path: Path | None = None, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file and `section.key=value` overrides.

    Raises ConfigError, naming every key that cannot be used.
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
        database.setdefault("dsn", os.environ.get("INTERESTREAM_DSN", ""))
    if isinstance(encoder := tree.setdefault("encoder", {}), dict):
        encoder.setdefault("registry", os.environ.get("INTERESTREAM_REGISTRY", ""))
    if isinstance(actions := tree.get("actions"), dict):
        tree["actions"] = _with_defaults(actions)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigError("the configuration cannot be used:\n" + "\n".join(lines)) from error


def _with_defaults(actions: dict[str, Any]) -> dict[str, Any]:
    """The default actions with what is told about them, and the further ones."""
    merged: dict[str, Any] = {name: action.model_dump() for name, action in DEFAULT_ACTIONS.items()}
    for name, told in actions.items():
        known = merged.get(name)
        merged[name] = {**known, **told} if known and isinstance(told, dict) else told
    return merged


def _set(tree: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not _OVERRIDE_KEY.fullmatch(key):
        # Only its first word: the rest may be a connection string.
        word = re.split(r"[^\w.-]", override, maxsplit=1)[0]
        raise ConfigError(f"an override reads section.key=value, which '{word}...' does not")
    *parents, leaf = key.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{key} cannot be set: '{parent}' is a value, not a section")
    try:
        tree[leaf] = orjson.loads(text)
    except orjson.JSONDecodeError:
        tree[leaf] = text
