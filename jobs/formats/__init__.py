"""Turns records of other systems' streams into rows: JSON, Avro and Protobuf, plain, as CloudEvents
or as changes of Debezium's. Pure: it knows nothing of Flink.
"""

from jobs.format_settings import FormatSettings, SchemaRegistry
from jobs.formats.decoder import Decoder, decoder
from jobs.formats.errors import RegistryUnavailableError
from jobs.formats.records import (
    Decoded,
    Ignored,
    Record,
    Stream,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
)

__all__ = [
    "Decoded",
    "Decoder",
    "FormatSettings",
    "Ignored",
    "Record",
    "RegistryUnavailableError",
    "SchemaRegistry",
    "Stream",
    "Truncation",
    "Undecodable",
    "Upsert",
    "Withdrawal",
    "decoder",
]
