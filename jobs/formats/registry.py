"""Asks a schema registry for schemas, and keeps them: a schema of an id never changes."""

import base64
import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import orjson
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from jobs.errors import ConfigError
from jobs.format_settings import SchemaRegistry
from jobs.formats.errors import RegistryUnavailableError, UnreadableRecordError

_ACCEPT = "application/vnd.schemaregistry.v1+json, application/json"
_UNKNOWN_S = 30.0
"""How long a schema that the registry did not have is not asked for again, in seconds."""
_NOT_FOUND = frozenset({40401, 40402, 40403})
"""A registry's codes for subjects, versions and schemas that it does not have."""
_LARGEST = 16_000_000


@dataclass(frozen=True)
class Reference:
    """Another schema that a schema uses, under a name."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True)
class RegisteredSchema:
    """A schema as the registry gives it."""

    kind: str
    """AVRO, PROTOBUF or JSON."""
    text: str
    references: tuple[Reference, ...]


class RegistryClient:
    """Reads schemas; `serialized` asks for Protobuf's descriptors in the place of source text.

    A schema that the registry does not have raises UnreadableRecordError, and everything that may
    pass (no answer, a refused login, an error of the registry) RegistryUnavailableError.
    """

    def __init__(self, settings: SchemaRegistry, *, serialized: bool) -> None:
        self._url = settings.url.rstrip("/")
        self._query = "?format=serialized" if serialized else ""
        self._timeout_s = settings.timeout_s
        self._cache = settings.cache
        self._known: dict[str, RegisteredSchema] = {}
        self._unknown: dict[str, float] = {}
        self._headers = {"Accept": _ACCEPT}
        if settings.user:
            login = f"{settings.user}:{settings.password.get_secret_value()}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        context = _tls_context(settings.ca_file)
        # A redirection would carry the login to wherever it leads.
        self._opener = urllib.request.build_opener(
            _NoRedirections(), urllib.request.HTTPSHandler(context=context)
        )

    def schema(self, schema_id: int | str) -> RegisteredSchema:
        """The schema of an id or of a global id."""
        kind = "ids" if isinstance(schema_id, int) else "guids"
        return self._schema(f"/schemas/{kind}/{schema_id}", f"schema {schema_id}")

    def referenced(self, reference: Reference) -> RegisteredSchema:
        """The schema that another one uses."""
        subject = quote(reference.subject, safe="")
        name = f"version {reference.version} of {reference.subject}"
        return self._schema(f"/subjects/{subject}/versions/{reference.version}", name)

    def _schema(self, path: str, name: str) -> RegisteredSchema:
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._read(path, name)
        return known

    def _read(self, path: str, name: str) -> RegisteredSchema:
        answer = self._kept(path) or self._asked(path, name)
        try:
            references = tuple(
                Reference(str(one["name"]), str(one["subject"]), int(one["version"]))
                for one in answer.get("references") or ()
            )
            kind = str(answer.get("schemaType") or "AVRO")
            return RegisteredSchema(kind, str(answer["schema"]), references)
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryUnavailableError(
                f"the schema registry's answer for {name} is no schema: is"
                " schema_registry.url its address?"
            ) from error

    def _asked(self, path: str, name: str) -> dict[str, Any]:
        if time.monotonic() < self._unknown.get(path, 0.0):
            _unknown(name)
        attempts = Retrying(
            stop=stop_after_attempt(3),
            wait=wait_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception_type(RegistryUnavailableError),
            reraise=True,
        )
        answer = attempts(self._get, path, name)
        if answer is None:
            self._unknown[path] = time.monotonic() + _UNKNOWN_S
            _unknown(name)
        self._keep(path, answer)
        return answer

    def _get(self, path: str, name: str) -> dict[str, Any] | None:
        """The registry's answer; None where it does not have what is asked for."""
        address = f"{self._url}{path}{self._query}"
        request = urllib.request.Request(address, headers=self._headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                body = response.read(_LARGEST)
            status = 200
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read(_LARGEST)
        except (OSError, http.client.HTTPException) as error:
            # Of a ValueError, as of any other, the text may hold what must not be shown.
            reason = getattr(error, "reason", None) or type(error).__name__
            raise RegistryUnavailableError(
                f"the schema registry does not answer ({reason}): {name} is needed"
            ) from None
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if status == 200 and isinstance(answer, dict):
            return answer
        if status == 404 and isinstance(answer, dict) and answer.get("error_code") in _NOT_FOUND:
            return None
        raise RegistryUnavailableError(
            f"the schema registry answers {status} when asked for {name}{_advice(status)}"
        )

    def _file(self, path: str) -> Path | None:
        if self._cache is None:
            return None
        digest = hashlib.blake2b(f"{self._url}{path}{self._query}".encode(), digest_size=16)
        return self._cache / f"{digest.hexdigest()}.json"

    def _kept(self, path: str) -> dict[str, Any] | None:
        file = self._file(path)
        if file is None:
            return None
        try:
            found = orjson.loads(file.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        return found if isinstance(found, dict) else None

    def _keep(self, path: str, answer: dict[str, Any]) -> None:
        file = self._file(path)
        if file is None:
            return
        # Several tasks may write it at once.
        unfinished = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(orjson.dumps(answer))
            unfinished.replace(file)
        except OSError:
            # The folder spares a question; without it the registry is asked.
            return


class _NoRedirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"schema_registry.ca_file {ca_file} cannot be read as certificates (PEM): {error}"
        ) from error


def _unknown(name: str) -> NoReturn:
    raise UnreadableRecordError("unknown_schema", f"the registry has no {name}")


def _advice(status: int) -> str:
    if status in (401, 403):
        return ": schema_registry.user and password are refused"
    if 300 <= status < 400:
        return ": give the address that it leads to as schema_registry.url"
    return ": is schema_registry.url its address?" if status in (200, 404, 405) else ""
