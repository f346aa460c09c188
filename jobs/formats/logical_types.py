"""The logical types of Kafka Connect and Debezium: what a value with such a name means."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from jobs.formats.plain_values import (
    clock_reader,
    day_text,
    instant_reader,
    instant_text,
    plain_reader,
    scaled,
)

Convert = Callable[[Any], Any]


def zone_of(name: str) -> tzinfo:
    """The zone of a name; the one object of UTC where it is that, which is read faster."""
    return UTC if name in ("UTC", "Etc/UTC") else ZoneInfo(name)


def decimal_reader(scale: int) -> Convert:
    """Reads the unscaled digits of a decimal: big-endian bytes, or base64 of them.

    >>> decimal_reader(2)("B88=")
    19.99
    """

    def read(found: str | bytes) -> int | float | str:
        return scaled(_unscaled(found), scale)

    return read


def _variable_decimal(found: Mapping[str, Any]) -> int | float | str:
    return scaled(_unscaled(found["value"]), found["scale"])


def _unscaled(found: str | bytes) -> int:
    raw = b64decode(found, validate=True) if isinstance(found, str) else found
    return int.from_bytes(raw, "big", signed=True)


class LogicalTypes:
    """Converters by the name of a type; `zone` is that of times without one.

    Types that are texts already are not named: a JSON document, an enumeration, a UUID, a time
    with a zone.

    >>> LogicalTypes(UTC).converter("io.debezium.time.MicroTimestamp", {})(1_767_323_045_000_000)
    '2026-01-02T03:04:05Z'
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._instant = instant_reader(10**6, UTC)
        self.plain = plain_reader(zone)
        """Makes a value plain by its own type, whatever its schema says."""
        self._by_name: dict[str, Convert] = {
            "org.apache.kafka.connect.data.Date": day_text,
            "org.apache.kafka.connect.data.Time": clock_reader(10**3),
            "org.apache.kafka.connect.data.Timestamp": instant_reader(10**3, zone),
            "io.debezium.data.VariableScaleDecimal": _variable_decimal,
            "io.debezium.time.Date": day_text,
            "io.debezium.time.Time": clock_reader(10**3),
            "io.debezium.time.MicroTime": clock_reader(10**6),
            "io.debezium.time.NanoTime": clock_reader(10**9),
            "io.debezium.time.Timestamp": instant_reader(10**3, zone),
            "io.debezium.time.MicroTimestamp": instant_reader(10**6, zone),
            "io.debezium.time.NanoTimestamp": instant_reader(10**9, zone),
        }

    def instant_of_timestamp(self, found: Any) -> str | int:
        """The instant of a `google.protobuf.Timestamp`."""
        return self._instant(found.seconds * 1_000_000 + found.nanos // 1000)

    def clock_of_zone(self, found: datetime) -> str:
        """What a clock of the zone showed, where it was taken for one of UTC."""
        return instant_text(found.replace(tzinfo=None), self._zone)

    def converter(self, name: str | None, parameters: Mapping[str, Any] | None) -> Convert | None:
        """The converter of a type; None where its values are plain as they come.

        Raises ValueError where a decimal has no scale.
        """
        if name is None:
            return None
        if name == "org.apache.kafka.connect.data.Decimal":
            return decimal_reader(int((parameters or {})["scale"]))
        return self._by_name.get(name)
