"""The state of jobs over REST."""

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest

from jobs.errors import ConfigError, InterestreamError
from jobs.runtime.find_flink import flink_at
from jobs.runtime.flink_rest import FlinkRest, JobStatus
from jobs.runtime.flink_tls import CA_FILE, CLIENT_FILE
from jobs.runtime.processes import free_port
from tests.fixtures.certificates import Authority, make_authority


class Answers(BaseHTTPRequestHandler):
    by_path: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        answer = self.by_path.get(self.path)
        self.send_response(404 if answer is None else 200)
        self.end_headers()
        self.wfile.write(b"" if answer is None else orjson.dumps(answer))

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def flink(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlinkRest]:
    """A client of a JobManager that answers with `Answers.by_path`."""
    monkeypatch.setattr(Answers, "by_path", {})
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield FlinkRest(server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_status_of_a_job_has_its_restarts_and_their_cause(flink):
    Answers.by_path["/jobs/a1"] = {"state": "RESTARTING", "vertices": []}
    Answers.by_path["/jobs/a1/metrics?get=numRestarts"] = [{"id": "numRestarts", "value": "3"}]
    Answers.by_path["/jobs/a1/exceptions"] = {
        "exceptionHistory": {"entries": [{"stacktrace": "x.Y: boom\n\tat z"}]}
    }
    assert flink.status("a1") == JobStatus("a1", "RESTARTING", 3, "x.Y: boom")


def test_a_job_without_failures_has_no_cause(flink):
    Answers.by_path["/jobs/a1"] = {"state": "RUNNING", "vertices": []}
    assert flink.status("a1") == JobStatus("a1", "RUNNING", 0, None)


def test_versions_settings_and_times_are_read(flink):
    assert (flink.version(), flink.setting("rest.port"), flink.times_ms("a1")) == (None, None, None)
    Answers.by_path["/config"] = {"flink-version": "2.3.0"}
    Answers.by_path["/jobmanager/config"] = [{"key": "rest.port", "value": "8081"}]
    Answers.by_path["/jobs/a1"] = {"start-time": 100, "now": 900}
    Answers.by_path["/jobs/a1/exceptions"] = {
        "exceptionHistory": {"entries": [{"timestamp": 700}, {"timestamp": 300}]}
    }
    assert (flink.version(), flink.setting("rest.port")) == ("2.3.0", "8081")
    assert (flink.times_ms("a1"), flink.failures("a1")) == ((100, 900), [700, 300])


def test_a_job_runs_when_all_of_its_tasks_run(flink):
    Answers.by_path["/jobs/a1"] = {"vertices": [{"status": "RUNNING"}, {"status": "DEPLOYING"}]}
    assert not flink.running("a1")
    Answers.by_path["/jobs/a1"] = {"vertices": [{"status": "RUNNING"}]}
    assert flink.running("a1")


def test_the_newest_job_comes_first(flink):
    Answers.by_path["/jobs/overview"] = {
        "jobs": [{"jid": "old", "start-time": 1}, {"jid": "new", "start-time": 2}]
    }
    assert flink.jobs() == ["new", "old"]


def test_while_flink_does_not_answer_the_results_are_empty():
    flink = FlinkRest(free_port())
    assert (flink.jobs(), flink.status("a1"), flink.running("a1")) == ([], None, False)
    assert (flink.task_managers(), flink.checkpoints("a1")) == (0, {})


def test_a_server_of_another_protocol_counts_as_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as other:

        def speak() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"!unknown command\n")

        speaking = threading.Thread(target=speak)
        speaking.start()
        assert FlinkRest(other.getsockname()[1]).jobs() == []
        speaking.join()


@pytest.fixture
def tls_flink(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[HTTPServer, Authority]]:
    """A JobManager that answers over TLS to whoever has a certificate of the authority."""
    authority = make_authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.load_cert_chain(authority.issue("host", "localhost", "DNS:localhost,IP:127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setattr(Answers, "by_path", {"/overview": {}})
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv(CA_FILE, str(authority.certificate))
    monkeypatch.setenv(CLIENT_FILE, str(authority.issue("client", "ada")))
    yield server, authority
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_job_manager_is_asked_over_tls_with_a_certificate(tls_flink):
    server, _ = tls_flink
    found = flink_at(f"https://localhost:{server.server_port}")
    assert found.url == f"https://localhost:{server.server_port}"
    assert found.answers()


def test_a_job_manager_that_is_not_trusted_or_trusts_nobody_is_named(
    tls_flink, monkeypatch, tmp_path
):
    server, _ = tls_flink
    address = f"https://127.0.0.1:{server.server_port}"
    (tmp_path / "other").mkdir()
    with monkeypatch.context() as other:
        other.setenv(CA_FILE, str(make_authority(tmp_path / "other").certificate))
        with pytest.raises(InterestreamError, match=f"no TLS with .*verify failed.*{CA_FILE}"):
            flink_at(address)
    with monkeypatch.context() as other:
        other.setenv(CLIENT_FILE, "")
        with pytest.raises(InterestreamError, match=f"no TLS with .*{CLIENT_FILE}"):
            flink_at(address)
    with pytest.raises(InterestreamError, match="write https:// before it"):
        flink_at(address.removeprefix("https://"))
    monkeypatch.setenv(CA_FILE, str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=CA_FILE):
        flink_at(address)


@pytest.mark.parametrize("address", ["ftp://a:1", "https://a", "a", "https://a:b"])
def test_an_address_that_cannot_be_read_is_refused(address):
    with pytest.raises(InterestreamError, match="HOST:PORT"):
        flink_at(address)
