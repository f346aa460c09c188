"""A web handler with a pool: `python examples/web.py`, then GET /recommendations?user=ada&k=5.

The handler is plain WSGI, so that it runs without a framework; in yours the body of `application`
is the same. A pool keeps connections open: a new one would cost more than the question.
"""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

from psycopg_pool import ConnectionPool

from interestream import AskError, Recommender

Environ = dict[str, str]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def make_application(pool: ConnectionPool) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    """The WSGI application over a pool of connections."""
    recommender = Recommender(pool)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        try:
            user, k = query["user"][0], int(query.get("k", ["10"])[0])
            rows = recommender.recommend(user, k)
        except (KeyError, ValueError, AskError) as error:
            return reply("400 Bad Request", {"error": str(error)}, start_response)
        return reply("200 OK", [asdict(row) for row in rows], start_response)

    return application


def reply(status: str, body: object, start_response: StartResponse) -> list[bytes]:
    """A JSON answer."""
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


if __name__ == "__main__":
    with (
        ConnectionPool(os.environ["INTERESTREAM_DSN"], min_size=1, max_size=8) as connections,
        make_server("127.0.0.1", 8000, make_application(connections)) as server,
    ):
        server.serve_forever()
