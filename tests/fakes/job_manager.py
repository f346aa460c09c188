"""A JobManager whose REST interface answers with what a test puts there."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson

JOB = "0123456789abcdef0123456789abcdef"
SUBMITTED_MS = 1_000_000
NOW_MS = SUBMITTED_MS + 7_200_000
"""Two hours later."""


class JobManager:
    """A Flink 2.3 with one TaskManager of one free slot, and no job at first."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, Any] = {
            "/overview": {},
            "/config": {"flink-version": "2.3.0"},
            "/jobs/overview": {"jobs": []},
            "/taskmanagers": {"taskmanagers": [{"id": "worker-0", "freeSlots": 1}]},
        }

    def add_job(
        self,
        state: str,
        *,
        task: str = "RUNNING",
        restarts: int = 0,
        trace: str = "",
        failed_ms: tuple[int, ...] = (NOW_MS,),
        space: int = 1,
    ) -> None:
        """Have a job of this project; `trace` is the stack trace of its failures."""
        job = {"jid": JOB, "name": f"interestream space {space}", "state": state, "start-time": 1}
        details = {"start-time": SUBMITTED_MS, "now": NOW_MS, "state": state}
        entries = [{"stacktrace": trace, "timestamp": at_ms} for at_ms in failed_ms if trace]
        self.answers |= {
            "/jobs/overview": {"jobs": [job]},
            f"/jobs/{JOB}": {**details, "vertices": [{"id": "v", "status": task}]},
            f"/jobs/{JOB}/vertices/v": {"subtasks": [{"taskmanager-id": "worker-0"}]},
            f"/jobs/{JOB}/metrics?get=numRestarts": [{"id": "numRestarts", "value": str(restarts)}],
            f"/jobs/{JOB}/exceptions": {"exceptionHistory": {"entries": entries}},
        }


@contextlib.contextmanager
def job_manager() -> Iterator[JobManager]:
    """Serve a JobManager on a free port for the length of a `with` block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = fake.answers.get(self.path)
            self.send_response(404 if answer is None else 200)
            self.end_headers()
            self.wfile.write(b"" if answer is None else orjson.dumps(answer))

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    fake = JobManager(f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
