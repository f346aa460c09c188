"""A schema registry of a few answers, for what a real one does seldom: refuse, fail, be away."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeRegistry:
    """Answers by path, as the documented REST interface does; `asked` holds each path and login."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, str | None]] = []

    def add(self, path: str, schema: Any, **more: Any) -> None:
        """Give a schema under a path; one that is no text is written as JSON."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        self.answers[path] = (200, {"schema": text, **more})

    def answer(self, path: str) -> tuple[int, Any]:
        unknown = (404, {"error_code": 40403, "message": "Schema not found"})
        return self.answers.get(path.partition("?")[0], unknown)


@contextmanager
def fake_registry(tls: ssl.SSLContext | None = None) -> Iterator[FakeRegistry]:
    """A registry at a free port of loopback, over TLS where a context of it is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.asked.append((self.path, self.headers["Authorization"]))
            status, body = registry.answer(self.path)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body)
            self.end_headers()
            self.wfile.write(body.encode() if isinstance(body, str) else json.dumps(body).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    scheme = "http" if tls is None else "https"
    registry = FakeRegistry(f"{scheme}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
