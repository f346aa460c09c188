"""The section `sources.kafka` of the configuration: topics, and settings of Kafka's clients."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator

from jobs.config_section import Section
from jobs.secret_values import KAFKA_PROPERTIES, key_values

_TOPIC = r"^[A-Za-z0-9._-]{1,249}$"


class KafkaTopics(Section):
    """Which topics of Kafka the job reads, and how (docs/kafka.md)."""

    bootstrap: str = ""
    """Brokers as HOST:PORT,HOST:PORT."""
    events: str = Field("events", pattern=_TOPIC)
    """Topic of events."""
    items: str = Field("items", pattern=_TOPIC)
    """Topic of items."""
    control: str = Field("control", pattern=_TOPIC)
    """Topic of control records."""
    dead_letters: str = Field("", pattern=rf"^$|{_TOPIC}")
    """Topic that takes a copy of each dead letter, beside the table; empty: the table alone."""
    group: str = ""
    """Consumer group under which offsets are committed with each checkpoint, for tools that show
    the lag; by default `interestream-space-N`."""
    start: Literal["earliest", "latest", "group"] = "earliest"
    """Where a job without a state begins: at the first record, behind the last one, or at the
    offsets that the group has committed. A job that is restored goes on at the offsets of its
    state."""
    reset: Literal["earliest", "latest", "none"] = "earliest"
    """Where `start = "group"` begins, and goes on, in a partition whose offset is not there (any
    more): `none` fails."""
    discovery_s: float = Field(60.0, gt=0)
    """How often new partitions are looked for, in seconds."""
    connectors: Path = Path(".interestream/connectors")
    """Folder of Flink's Kafka connector, where `interestream connectors` puts it."""
    properties: dict[str, SecretStr] = Field({})
    """Further settings of Kafka's Java clients, as `"security.protocol" = "SASL_SSL"`; they are
    hidden. INTERESTREAM_KAFKA_PROPERTIES, or the file that INTERESTREAM_KAFKA_PROPERTIES_FILE
    names, adds to them: KEY=VALUE, one a line."""

    def by_stream(self) -> dict[str, str]:
        """The three topics by the names of their streams."""
        return {"events": self.events, "items": self.items, "control": self.control}

    def group_of(self, space_id: int) -> str:
        """The consumer group that takes the offsets of the job that fills a space."""
        return self.group or f"interestream-space-{space_id}"

    @field_validator("properties", mode="before")
    @classmethod
    def _dots_are_no_tables(cls, found: object) -> object:
        # Without quotes TOML reads security.protocol as a table of its own.
        return _flat(found) if isinstance(found, dict) else found

    @field_validator("properties")
    @classmethod
    def _keys_are_free(cls, found: dict[str, SecretStr]) -> dict[str, SecretStr]:
        taken = {
            "bootstrap.servers": "sources.kafka.bootstrap",
            "group.id": "sources.kafka.group",
            "auto.offset.reset": "sources.kafka.reset",
            "partition.discovery.interval.ms": "sources.kafka.discovery_s",
        }
        for name in found.keys() & taken:
            raise ValueError(f"{name} is set by {taken[name]}")
        return found


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            found[f"{prefix}{name}"] = str(value).lower()
        else:
            found[f"{prefix}{name}"] = value if isinstance(value, SecretStr) else str(value)
    return found


def add_kafka_properties(sources: dict[str, Any], lines: str) -> None:
    """Add KEY=VALUE lines to the properties of Kafka's clients; those of the file stay."""
    found = key_values(lines, KAFKA_PROPERTIES)
    if found and isinstance(kafka := sources.setdefault("kafka", {}), dict):
        written = kafka.get("properties", {})
        if isinstance(written, dict):
            kafka["properties"] = {**found, **_flat(written)}
