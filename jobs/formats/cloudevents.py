"""CloudEvents 1.0: an object around the data, or attributes in the headers of a record."""

import hashlib
from typing import Any

from jobs.formats.encoding import Encoding, Headers
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import read_json, read_json_object
from jobs.formats.records import Record, Stream

_PREFIX = "ce_"
_REQUIRED = ("id", "source", "type")
_LONGEST_ID = 256


class CloudEventsEnvelope:
    """Reads records as CloudEvents.

    `mapped` says whether a mapping reads the whole object (`data.user`), or its data alone is a
    record of the contract.
    """

    def __init__(self, stream: Stream, encoding: Encoding, mapped: bool) -> None:
        self._stream = stream
        self._encoding = encoding
        self._mapped = mapped

    def row(self, raw: bytes, record: Record) -> dict[str, Any]:
        """The row of a value; raises UnreadableRecordError."""
        event = self._event(raw, record)
        _check(event)
        return event if self._mapped else self._record(event)

    def _event(self, raw: bytes, record: Record) -> dict[str, Any]:
        headers = record.headers or {}
        content_type = _content_type(headers)
        if content_type.startswith("application/cloudevents-batch"):
            raise UnreadableRecordError(
                "not_cloudevent", "a batch of events: send one event a record"
            )
        if content_type.startswith("application/cloudevents"):
            if not content_type.endswith("+json"):
                raise UnreadableRecordError(
                    "not_cloudevent", f"an envelope of {content_type[:64]}: JSON is read"
                )
            return _structured(raw)
        if f"{_PREFIX}specversion" in headers or f"{_PREFIX}id" in headers:
            return self._binary(raw, headers)
        return _structured(raw)

    def _binary(self, raw: bytes, headers: Headers) -> dict[str, Any]:
        """The object of an event whose attributes are headers, with the value as its data."""
        event: dict[str, Any] = {}
        for name, text in headers.items():
            if name.startswith(_PREFIX) and text is not None:
                event[name[len(_PREFIX) :]] = _decoded(text, name)
        content_type = _content_type(headers)
        if content_type:
            event["datacontenttype"] = content_type
        if raw and self._encoding.is_json:
            if not _is_json(content_type):
                raise UnreadableRecordError("not_json", f"data of {content_type[:64]}, not of JSON")
            event["data"] = read_json(raw)
        elif raw:
            event["data"] = self._encoding.value(raw, headers)
        return event

    def _record(self, event: dict[str, Any]) -> dict[str, Any]:
        data = event.get("data")
        if not isinstance(data, dict):
            raise UnreadableRecordError(
                "not_an_object",
                "no data" if data is None else f"data is a {type(data).__name__}",
            )
        if self._stream != "events":
            return data
        # None and an empty text count as absent in the contract.
        defaults: dict[str, Any] = {}
        if data.get("event_id") in (None, ""):
            defaults["event_id"] = event_id(event["source"], event["id"])
        if data.get("event_time") in (None, "") and "time" in event:
            defaults["event_time"] = event["time"]
        return {**data, **defaults}


def event_id(source: str, name: str) -> str:
    """An id of the source and the id in it, which are unique together alone.

    >>> event_id("/shop", "7")
    '/shop 7'
    """
    # A source is a URI, which holds no blank.
    whole = f"{source} {name}"
    if len(whole) <= _LONGEST_ID:
        return whole
    return hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()


def _structured(raw: bytes) -> dict[str, Any]:
    event = read_json_object(raw)
    if event.get("data_base64") is not None:
        raise UnreadableRecordError("not_json", "data_base64: data that is not JSON")
    content_type = event.get("datacontenttype")
    if isinstance(content_type, str) and not _is_json(_bare(content_type)):
        raise UnreadableRecordError("not_json", f"data of {content_type[:64]}, not of JSON")
    return event


def _check(event: dict[str, Any]) -> None:
    version = event.get("specversion")
    if version is None:
        raise UnreadableRecordError("not_cloudevent", "specversion is missing")
    if version != "1.0":
        raise UnreadableRecordError("not_cloudevent", f"specversion is {str(version)[:16]!r}")
    for name in _REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise UnreadableRecordError("not_cloudevent", f"{name} is missing")


def _content_type(headers: Headers) -> str:
    found = headers.get("content-type")
    return "" if found is None else _bare(_decoded(found, "content-type"))


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_json(content_type: str) -> bool:
    return not content_type or content_type.endswith(("/json", "+json"))


def _decoded(text: bytes, name: str) -> str:
    try:
        found = text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableRecordError("not_utf8", f"header {name[:64]}") from error
    if "\0" in found:
        raise UnreadableRecordError("null_character", f"header {name[:64]}")
    return found
