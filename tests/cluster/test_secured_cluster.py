"""Everything over TLS, all secrets in files, logs in JSON, and neither secrets nor texts in them.

One cluster runs with TLS and certificates of clients towards Postgres, Kafka and Flink itself, with
a marker in each secret and in each text of a record. Records die, and a batch fails.
"""

import contextlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psutil
import psycopg
import pytest

from jobs.kafka_topics import KafkaTopics
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.flink_tls import CA_FILE, CLIENT_FILE, client_context
from jobs.runtime.kept_cluster import find_cluster
from jobs.runtime.log_format import LOG_FORMAT
from jobs.secret_values import DSN, FLINK_OPTIONS, KAFKA_PROPERTIES, REGISTRY_PASSWORD
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.terminal import Terminal, until
from tests.fixtures.certificates import Authority, make_authority
from tests.fixtures.kafka_logins import PASSWORD as KAFKA_PASSWORD
from tests.fixtures.kafka_logins import LoginBroker
from tests.fixtures.tls_pooler import TlsPooler

TEXT = "MARKEDTEXT"
"""Part of every text of a record."""
STORE, REGISTRY = "marked-keystore-word", "marked-registry-word"
LENIENT = ("--dead-letter-share", "0.8:0.9")
LAUNCHER = ("Starting ", "WARNING: ", "NOTE: ", "OpenJDK ")
"""How the lines begin that Flink's scripts and Java itself write in front of the log's."""


@dataclass(frozen=True)
class Secured:
    """What the cluster is started with: `secrets` must not be seen anywhere."""

    environment: dict[str, str]
    settings: list[str]
    secrets: list[str]
    topics: KafkaTopics


@pytest.fixture
def secured(
    kafka_certificates: LoginBroker,
    kafka_connectors: Path,
    tls_pooler: TlsPooler,
    dsn: str,
    bundle_dir: Path,
    tmp_path: Path,
) -> Secured:
    topics = KafkaTopics(
        bootstrap=kafka_certificates.address, events="tls.events", items="tls.items", control="tls"
    )
    kafka_certificates.broker.create(
        dict.fromkeys((topics.events, topics.items, topics.control), 1)
    )
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    authority = make_authority(folder)
    kafka = (
        kafka_certificates.client_properties("SCRAM-SHA-512")
        + "\n"
        + kafka_certificates.certificate_properties
    )
    contents = {
        DSN: tls_pooler.dsn_of(dsn),
        KAFKA_PROPERTIES: kafka,
        REGISTRY_PASSWORD: REGISTRY,
        FLINK_OPTIONS: flink_options(authority),
    }
    environment = {LOG_FORMAT: "json", CA_FILE: str(authority.certificate)}
    environment[CLIENT_FILE] = str(authority.folder / "flink.pem")
    for name, content in contents.items():
        (folder / name).write_text(content + "\n")
        (folder / name).chmod(0o600)
        environment[f"{name}_FILE"] = str(folder / name)
    settings = [
        f"encoder.bundle={bundle_dir}",
        "sources.kind=kafka",
        f"sources.kafka.bootstrap={topics.bootstrap}",
        f"sources.kafka.events={topics.events}",
        f"sources.kafka.items={topics.items}",
        f"sources.kafka.control={topics.control}",
        f"sources.kafka.connectors={kafka_connectors}",
        "sources.formats.schema_registry.url=https://localhost:1",
        f"checkpoints.directory={tmp_path / 'checkpoints'}",
        "checkpoints.interval_ms=1000",
    ]
    secrets = [tls_pooler.password, KAFKA_PASSWORD, STORE, REGISTRY]
    secrets.append(KAFKA_PASSWORD.replace('"', r"\""))
    return Secured(environment, [f"--set={one}" for one in settings], secrets, topics)


def flink_options(authority: Authority) -> str:
    """TLS with certificates of both sides, between Flink's processes and for its REST interface."""
    authority.issue("flink", "localhost", "DNS:localhost,IP:127.0.0.1")
    stores = {
        "keystore": authority.java_keystore("flink", STORE),
        "truststore": authority.java_truststore(STORE),
    }
    lines = ["# As an operator would write them.", "security.ssl.rest.authentication-enabled=true"]
    for part in ("rest", "internal"):
        lines += [
            f"security.ssl.{part}.enabled=true",
            f"security.ssl.{part}.key-password={STORE}",
        ]
        for store, file in stores.items():
            lines += [
                f"security.ssl.{part}.{store}={file}",
                f"security.ssl.{part}.{store}-password={STORE}",
            ]
    return "\n".join(lines)


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_no_secret_and_no_text_is_seen_and_every_line_of_the_log_is_json(
    secured: Secured, dsn: str, bundle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    work = tmp_path / "work"
    work.mkdir()
    terminal = Terminal(work, "", secured.environment)
    for name, value in secured.environment.items():
        monkeypatch.setenv(name, value)
    said = []
    try:
        said.append(terminal.run("submit", *secured.settings))
        cluster = find_cluster(work / ".interestream" / "cluster")
        assert cluster is not None
        assert said[0].rstrip().endswith(f"(https://127.0.0.1:{cluster.rest_port})")
        with psycopg.connect(dsn, autocommit=True) as db:
            feed(terminal, secured, work, db, space_id)
            job_id = fail_a_batch(terminal, secured, work, db, cluster.rest, space_id)
        said.append(terminal.run("health", *secured.settings, "--restarts", "100:200", *LENIENT))
        said.append(terminal.run("doctor", *secured.settings))
        # Without the certificate of a client Flink answers nobody.
        address = f"https://127.0.0.1:{cluster.rest_port}"
        alone = Terminal(tmp_path, "", {**secured.environment, CLIENT_FILE: ""})
        refused = alone.run("health", "--jobmanager", address, code=2)
        assert "there is no TLS with the JobManager" in refused
        assert_nothing_is_seen(secured, work, cluster.rest, job_id)
        said.append(terminal.run("stop", "--savepoints", str(tmp_path / "savepoints")))
    finally:
        terminal.run("cluster", "stop")
    shown = "".join(said)
    assert [secret for secret in [*secured.secrets, TEXT] if secret in shown] == []
    with psycopg.connect(dsn) as db:
        letters = db.execute("SELECT raw, detail FROM interestream.dead_letters").fetchall()
    assert len(letters) == 3
    assert not [one for one in letters for secret in secured.secrets if secret in str(one)]
    for file in files(tmp_path):
        if file.name == "config.yaml":
            assert file.stat().st_mode & 0o077 == 0, file
        if file.is_relative_to(tmp_path / "secrets") or file.name == "config.yaml":
            continue
        content = file.read_bytes()
        assert not [s for s in secured.secrets if s.encode() in content], file


def feed(
    terminal: Terminal, secured: Secured, work: Path, db: psycopg.Connection, space_id: int
) -> None:
    """Good records, and three that die; returns when all of them are committed."""
    items = [item_line("tea", title=f"Tea {TEXT}", text=f"About tea {TEXT}")]
    items.append(b'{"item_id": "", "title": "' + TEXT.encode() + b'"}')
    events = [
        event_line("1", user_id="ada", item_id="tea", event_time=NOON_MS),
        event_line("2", user_id="ada", action="search", text=f"tea {TEXT}", item_id=None),
        b'{"event_id": "3", "user_id": "ada", "action": "' + TEXT.encode() + b'"}',
        b"{" + TEXT.encode(),
    ]
    lines = {"items": items, "events": events}
    for stream, records in lines.items():
        file = work / f"{stream}.jsonl"
        file.write_bytes(b"".join(record + b"\n" for record in records))
        terminal.run("feed", stream, str(file), "--max-dead", "3", *secured.settings)

    def counts() -> tuple[int, int, int]:
        found = read_progress(db, space_id)
        return found["items"].records_in, found["events"].applied, found["events"].dead_letters

    until(lambda: counts() == (2, 2, 2), "the records", timeout_s=240)


def fail_a_batch(
    terminal: Terminal,
    secured: Secured,
    work: Path,
    db: psycopg.Connection,
    rest: FlinkRest,
    space_id: int,
) -> str:
    """Postgres refuses an item for good, with an error that repeats the row; then it goes on."""
    db.execute(
        "ALTER TABLE interestream.items ADD CONSTRAINT refused CHECK (title NOT LIKE 'Refused%')"
    )
    file = work / "refused.jsonl"
    file.write_bytes(item_line("chess", title=f"Refused {TEXT}", text=f"Chess {TEXT}") + b"\n")
    terminal.run("feed", "items", str(file), *secured.settings)
    (job_id,) = rest.jobs()

    def restarts() -> int:
        status = rest.status(job_id)
        return status.restarts if status else 0

    until(lambda: restarts() >= 1, "a failure")
    status = rest.status(job_id)
    assert status is not None
    assert "Postgres refused a batch" in (status.cause or "")
    db.execute("ALTER TABLE interestream.items DROP CONSTRAINT refused")
    until(lambda: read_progress(db, space_id)["items"].records_in == 3, "the item", timeout_s=240)
    until(lambda: rest.running(job_id), "every task")
    return job_id


def assert_nothing_is_seen(secured: Secured, work: Path, rest: FlinkRest, job_id: str) -> None:
    """Logs, command lines, environments of Flink's processes, and pages of its REST interface."""
    log = work / ".interestream" / "cluster" / "log"
    lines = list(json_lines(log))
    hidden = [*secured.secrets, TEXT]
    assert [line for line in lines if any(one in str(line) for one in hidden)] == []
    assert_lines_say_where_they_come_from(lines, job_id)
    supervisor = find_cluster(work / ".interestream" / "cluster")
    assert supervisor is not None
    processes = psutil.Process(supervisor.pid).children(recursive=True)
    assert sum(process.name() == "java" for process in processes) == 2
    for process in [psutil.Process(supervisor.pid), *processes]:
        shown = " ".join(process.cmdline()) + str(process.environ())
        assert not [one for one in secured.secrets if one in shown], process.name()
    (worker,) = rest.free_slots()
    for page in (
        *("/jobmanager/config", "/jobmanager/environment", "/jobmanager/log", "/jobmanager/stdout"),
        *("/jobmanager/logs", f"/taskmanagers/{worker}", f"/taskmanagers/{worker}/log"),
        *(f"/taskmanagers/{worker}/thread-dump", f"/jobs/{job_id}", f"/jobs/{job_id}/config"),
        *(f"/jobs/{job_id}/exceptions", f"/jobs/{job_id}/plan", "/jobmanager/thread-dump"),
    ):
        with contextlib.suppress(urllib.error.HTTPError):
            address = f"{rest.url}{page}"
            with urllib.request.urlopen(address, timeout=60, context=client_context()) as answer:
                text = answer.read().decode()
            assert not [one for one in hidden if one in text], page


def json_lines(log: Path) -> Iterator[dict[str, Any]]:
    """Each line of each file; those of scripts and of Java itself come before the log's."""
    files = [file for file in log.iterdir() if file.is_file() and ".log" in file.name]
    assert len(files) >= 2
    for file in files:
        for line in file.read_bytes().splitlines():
            yield orjson.loads(line)
    for file in log.glob("*.out"):
        for text in file.read_text().splitlines():
            if not text.startswith(LAUNCHER):
                yield orjson.loads(text)


def assert_lines_say_where_they_come_from(lines: list[dict[str, Any]], job_id: str) -> None:
    """Time, level, logger and message of all; job, step, space and place of those of the job."""
    for line in lines:
        time = datetime.fromisoformat(line["time"])
        assert time.tzinfo is not None
        assert line["level"] in {"INFO", "WARN", "ERROR", "DEBUG"}
        assert line["logger"]
        assert isinstance(line["message"], str)
    dead = [line for line in lines if "were not accepted" in line["message"]]
    assert {line["fields"]["stream"] for line in dead} == {"items", "events"}
    for line in dead:
        assert line["job"] == job_id
        assert line["fields"]["python"] == "jobs.operators.step_log"
        assert {"space", "epoch", "bucket", "first_seq", "last_seq"} <= line["fields"].keys()
        assert "(1/1)#" in line["thread"]
    assert any("Postgres refused a batch" in line.get("exception", "") for line in lines)


def files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        found = (Path(parent) / name for name in names)
        yield from (file for file in found if file.is_file() and not file.is_symlink())
