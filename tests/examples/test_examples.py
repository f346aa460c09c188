"""Each example runs as it stands, against real parts."""

import json
import os
import subprocess
import sys
from pathlib import Path

from psycopg_pool import ConnectionPool

from examples.feed_events import event, feed
from examples.web import make_application
from jobs.config import Limits, load_config
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.local.postgres import binaries
from tests.interestream.conftest import reader_dsn  # noqa: F401 - a fixture
from tests.model_export.builders import tiny_model

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str, dsn: str = "") -> str:
    """An example's output, run as a person would."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        env={**os.environ, "INTERESTREAM_DSN": dsn, "PYTHONPATH": str(EXAMPLES.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_asking_from_python(reader_dsn):  # noqa: F811
    printed = run("ask.py", "ada", dsn=reader_dsn)
    assert printed.count("1. Title") == 2
    pages = [line.split(": ")[1].split(", ") for line in printed.splitlines() if "page " in line]
    assert [len(page) for page in pages] == [2, 2]
    assert not set(pages[0]) & set(pages[1])
    assert "a clear error: " in printed


def test_asking_in_sql(reader_dsn):  # noqa: F811
    psql = [str(binaries() / "psql"), reader_dsn, "-X", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(
        [*psql, "-f", str(EXAMPLES / "ask.sql")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Title" in done.stdout
    assert done.stdout.count("rows)") + done.stdout.count("row)") == 6


def test_a_web_handler(reader_dsn):  # noqa: F811
    statuses: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        statuses.append(status)

    with ConnectionPool(reader_dsn, min_size=1, max_size=2) as pool:
        application = make_application(pool)
        (found,) = application({"QUERY_STRING": "user=ada&k=3"}, start_response)
        (refused,) = application({"QUERY_STRING": "user=ada&k=0"}, start_response)
        (missing,) = application({"QUERY_STRING": ""}, start_response)
    assert statuses == ["200 OK", "400 Bad Request", "400 Bad Request"]
    assert [row["rank"] for row in json.loads(found)] == [1, 2, 3]
    assert "p_k" in json.loads(refused)["error"]
    assert "user" in json.loads(missing)["error"]


def test_feeding_events(tmp_path):
    run("feed_events.py", str(tmp_path))
    lines = {
        stream: next((tmp_path / stream).glob("*.ndjson")).read_bytes().splitlines()
        for stream in ("events", "items")
    }
    rules = Rules.of(Limits(), frozenset(load_config().actions))
    events = parse_events(lines["events"], rules, 2**42)
    assert events.dead == []
    assert events.events.action == ["view", "search", "rating"]
    assert [item.item_id for item in parse_items(lines["items"], rules).items] == ["b-17"]


def test_a_file_appears_whole_and_under_a_name_of_its_own(tmp_path):
    files = [feed(tmp_path, "events", [event("ada", "view", item_id="x")]) for _ in range(3)]
    assert sorted(files) == sorted((tmp_path / "events").iterdir())
    assert len(set(files)) == 3


def test_an_encoder_of_ones_own(tmp_path):
    model = tiny_model(tmp_path / "model")
    printed = run("export_encoder.py", str(model), str(tmp_path / "registry"))
    bundle = Path(printed.strip().splitlines()[-1])
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["name"] == "my-encoder"
    assert bundle.parent == tmp_path / "registry" / "my-encoder"
