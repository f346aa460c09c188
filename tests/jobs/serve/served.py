"""`interestream serve` in a thread of the test, on a port of its own."""

import http.client
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from interestream.pseudonyms import Pseudonyms
from jobs.config import Config
from jobs.health.verdict import Thresholds, Verdict
from jobs.health.watch import Watched, watch
from jobs.serve.app import make_app
from jobs.serve.append.streams import Streams
from jobs.serve.run import listen
from jobs.serve_settings import Serve

NOWHERE = "host=127.0.0.1 port=1 connect_timeout=1"
"""A database that is away."""
FRESH = Serve(cache_s=0, counts_s=0)


@dataclass(frozen=True)
class Reply:
    """What came back of a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Served:
    """The address at which it answers."""

    address: str

    def ask(
        self,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The reply of the API at `/api/v1/PATH`: GET, or POST of `body` as JSON or as it is."""
        asked = urllib.parse.urlencode(parameters or {}, doseq=True)
        given = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = orjson.dumps(body)
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}{'?' if asked else ''}{asked}",
            data=body,
            headers=given,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Reply(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, dict(error.headers), error.read())

    def page(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Reply:
        """The reply at a path of the server, without following where it leads; POST of a form
        where there are `fields`. `_` stands for `-` in the names of headers."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=60)
        connection.request(
            "GET" if fields is None else "POST",
            path,
            None if fields is None else urllib.parse.urlencode(fields),
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        answer = connection.getresponse()
        reply = Reply(answer.status, dict(answer.headers), answer.read())
        connection.close()
        return reply

    def get(self, page: str) -> tuple[int, str]:
        """Status and text of a page."""
        try:
            with urllib.request.urlopen(f"{self.address}/{page}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def samples(self) -> list[Sample]:
        """What Prometheus would read."""
        status, text = self.get("metrics")
        assert status == 200
        return [each for family in text_string_to_metric_families(text) for each in family.samples]

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        """The values of a metric by the values of its labels, in the order of their names."""
        return {
            tuple(value for _, value in sorted(each.labels.items())): each.value
            for each in self.samples()
            if each.name == f"interestream_{name}"
        }


def looks_at(dsn: str, streams: Path | None = None) -> Callable[[], list[Verdict]]:
    """What `interestream health` does for this database, without a cluster."""
    watched = Watched(dsn, "", Path("/nowhere"), streams, must_read_streams=streams is not None)
    return lambda: watch(watched, Thresholds())


@contextmanager
def serving(
    dsn: str,
    settings: Serve = FRESH,
    streams: Path | None = None,
    folders: Path | None = None,
    *,
    pseudonyms: Pseudonyms | None = None,
    appended: Streams | None = None,
    config: Config | None = None,
) -> Iterator[Served]:
    """Serve in a thread until the block ends."""
    app = make_app(
        dsn,
        settings,
        looks_at(dsn, streams),
        {} if folders is None else {"streams": folders, "checkpoints": folders / "nowhere"},
        pseudonyms,
        appended,
        config,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
