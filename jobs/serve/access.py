"""Who may ask: a key in a header, or a cookie that the login form gives for the key.

Without a key every client that reaches the port may ask. A server without a key at a loopback
address accepts only Host headers that name this machine: otherwise a web page whose name resolves
to this machine could read the answers in the browser of a person who works here.
"""

import hashlib
import hmac
import ipaddress
import time
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from jobs.serve.login_form import form, read_form
from jobs.serve.problems import problem
from jobs.serve_settings import Serve

OPEN = frozenset({"/live", "/login"})
"""Paths for which nobody needs a key."""
_OF_ANY_HOST = frozenset({"/live", "/health", "/metrics"})
_COOKIE = "interestream_session"
SESSION_S = 43_200
"""For how long the cookie of the login form is good, in seconds."""


class Keys:
    """Compares what a request brings with the key, in constant time."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    @property
    def needed(self) -> bool:
        """Whether there is a key at all."""
        return bool(self._key)

    def fits(self, given: str) -> bool:
        """Whether `given` is the key."""
        # The digests are of the same length whatever was given.
        return hmac.compare_digest(_digest(given.encode(errors="replace")), _digest(self._key))

    def session(self, now_s: float) -> str:
        """The value of a cookie that is good for SESSION_S; it does not hold the key."""
        until = str(round(now_s) + SESSION_S)
        return f"{until}.{self._sign(until)}"

    def session_fits(self, given: str, now_s: float) -> bool:
        """Whether `given` is such a value, and still good."""
        until, _, signature = given.partition(".")
        good = hmac.compare_digest(signature.encode(), self._sign(until).encode())
        return good and until.isascii() and until.isdigit() and int(until) > now_s

    def _sign(self, until: str) -> str:
        return hmac.new(self._key, b"session " + until.encode(), hashlib.sha256).hexdigest()


class Access:
    """ASGI: lets requests through that may ask, and answers the others.

    A browser that asks for a page is sent to the login form.
    """

    def __init__(self, app: ASGIApp, settings: Serve) -> None:
        self._app = app
        self._keys = Keys(settings.api_key.get_secret_value())
        self._only_own_names = not self._keys.needed and _is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the application do it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        if self._keys.needed:
            if path in OPEN or self._may(headers):
                return None
            if scope["method"] == "GET" and "text/html" in headers.get(b"accept", ""):
                asked = scope["query_string"].decode("latin-1")
                back = quote(path) + (f"?{asked}" if asked else "")
                return RedirectResponse(f"/login?{urlencode({'next': back})}", HTTPStatus.SEE_OTHER)
            return problem(
                HTTPStatus.UNAUTHORIZED,
                "no_key",
                "A key is needed: `Authorization: Bearer KEY`, or `X-API-Key: KEY`.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        host = headers.get(b"host", "")
        if self._only_own_names and path not in _OF_ANY_HOST and not _is_own_name(host):
            return problem(
                HTTPStatus.FORBIDDEN,
                "other_host",
                "Without a key this server answers to names of this machine alone, such as"
                " localhost: set serve.api_key, or let the proxy send such a name.",
            )
        return None

    def _may(self, headers: dict[bytes, str]) -> bool:
        if key := headers.get(b"x-api-key"):
            return self._keys.fits(key)
        scheme, _, token = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._keys.fits(token.strip())
        cookie = _cookie(headers.get(b"cookie", ""))
        return bool(cookie) and self._keys.session_fits(cookie, time.time())


def login_router(settings: Serve) -> APIRouter:
    """The form for people with a browser, at `/login`, and `/logout`."""
    router = APIRouter(include_in_schema=False)
    keys = Keys(settings.api_key.get_secret_value())

    @router.get("/login")
    async def show() -> HTMLResponse:
        return form("")

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        given = read_form(await request.body())
        if not keys.needed:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if not keys.fits(given.get("key", "")):
            return form("That is not the key.", HTTPStatus.FORBIDDEN)
        answer = RedirectResponse(
            _own_path(request.query_params.get("next", "/")), HTTPStatus.SEE_OTHER
        )
        answer.set_cookie(
            _COOKIE,
            keys.session(time.time()),
            max_age=SESSION_S,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="strict",
        )
        return answer

    @router.post("/logout")
    async def log_out() -> Response:
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(_COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(_COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _own_path(path: str) -> str:
    """The path, or `/` for what would lead to another host.

    >>> _own_path("/users?user=ada"), _own_path("//elsewhere.example"), _own_path("/\\\\elsewhere")
    ('/users?user=ada', '/', '/')
    """
    odd = any(character in path for character in "\\\r\n\t")
    return path if path.startswith("/") and not path.startswith("//") and not odd else "/"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_own_name(header: str) -> bool:
    """Whether a Host header names this machine.

    >>> [_is_own_name(host) for host in ("localhost:8090", "127.0.0.1", "[::1]:1", "web.example")]
    [True, True, True, False]
    """
    name = header.rpartition("]")[0].lstrip("[") if "]" in header else header.partition(":")[0]
    return _is_loopback(name.lower())
