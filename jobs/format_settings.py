"""The settings of a stream's format: how its records are encoded, and what stands around a row."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from jobs.config_section import Section

UNAVAILABLE = "__debezium_unavailable_value"
"""What Debezium writes in the place of an unchanged text that Postgres did not log."""


class SchemaRegistry(Section):
    """A registry that speaks the REST interface of Confluent's (Karapace, Apicurio `ccompat`)."""

    url: str = Field("", pattern=r"^(https?://[^\s@]+)?$")
    """Address of the schema registry, without a user; empty where schemas come from a file."""
    user: str = ""
    """User, or API key, of the schema registry."""
    password: SecretStr = SecretStr("")
    """Its password, or API secret; INTERESTREAM_SCHEMA_REGISTRY_PASSWORD, or the file that this
    name with `_FILE` behind it names, for the registry of both streams."""
    ca_file: Path | None = None
    """Certificates (PEM) of the authorities that the schema registry's own is checked against; by
    default those of the system."""
    timeout_s: float = Field(10.0, gt=0)
    """How long an answer of the schema registry is waited for, in seconds."""
    cache: Path | None = None
    """Folder that keeps schemas, so that a job starts while the schema registry is away."""


class FormatSettings(Section):
    """How the records of one stream become rows (docs/formats.md)."""

    encoding: Literal["json", "avro", "protobuf"] = "json"
    """How values are encoded."""
    envelope: Literal["none", "cloudevents", "debezium"] = "none"
    """What stands around a row: nothing, the attributes of a CloudEvent, or a change of
    Debezium's."""
    schema_registry: SchemaRegistry = SchemaRegistry()
    """The registry of the schemas of Avro and Protobuf."""
    schema_file: Path | None = None
    """The one schema of records without an id of a registry: a file `.avsc` of Avro, or a
    descriptor set of Protobuf (`protoc --include_imports --descriptor_set_out`)."""
    message: str = ""
    """Full name of the Protobuf message in `schema_file`, such as `shop.Product`."""
    skip_schema_id: bool = False
    """Whether the id of a registry's schema in front of Protobuf values is passed over, where
    `schema_file` describes them: for a registry that gives no descriptors."""
    key_field: str = Field("item_id", min_length=1)
    """Name in the row of a key that is a text or a number: the mapping's column of `item_id`."""
    time_zone: str = "UTC"
    """Zone of times that a database keeps without one, as in `Europe/Berlin`."""
    unavailable_value: str = Field(UNAVAILABLE, min_length=1)
    """Debezium's setting `unavailable.value.placeholder`."""

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, found: str) -> str:
        try:
            ZoneInfo(found)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError("no such zone: give an IANA name such as Europe/Berlin") from error
        return found

    @model_validator(mode="after")
    def _schemas_come_from_somewhere(self) -> "FormatSettings":
        sources = [bool(self.schema_registry.url), self.schema_file is not None]
        if self.encoding == "json":
            if any(sources):
                raise ValueError(
                    "encoding 'json' needs neither schema_registry.url nor schema_file"
                )
        elif sum(sources) != 1:
            raise ValueError(
                f"encoding '{self.encoding}' needs schema_registry.url or schema_file, one of the"
                " two"
            )
        if (self.encoding == "protobuf" and self.schema_file is not None) != bool(self.message):
            raise ValueError(
                "message is for encoding 'protobuf' with a schema_file, which needs it"
            )
        if self.encoding == "protobuf" and self.envelope == "debezium":
            raise ValueError("envelope 'debezium' is read in JSON and Avro, not in Protobuf")
        if self.skip_schema_id and not self.message:
            raise ValueError("skip_schema_id belongs to encoding 'protobuf' with a schema_file")
        return self
