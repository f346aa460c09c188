"""The command `interestream serve` as a process: how it begins and ends, and what it says."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobs.runtime.processes import free_port
from tests.sql.builders import add_space
from tests.sql.logins import login

ROOT = Path(__file__).parents[3]
PATHS = "/ /api/v1 /openapi.json /metrics /health /live"


@contextlib.contextmanager
def command(dsn: str, *arguments: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """`interestream serve` with its output in a pipe; it ends with the block, whatever failed."""
    with subprocess.Popen(
        [sys.executable, "-m", "jobs.cli", "serve", *arguments],
        env={**os.environ, "INTERESTREAM_DSN": dsn, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_without_a_traceback(dsn, tmp_path, number, code):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
    port = free_port()
    with (
        login(dsn, "interestream_reader") as reader,
        command(reader, "--set", f"serve.port={port}", cwd=tmp_path) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"Answering at http://127.0.0.1:{port}: {PATHS}\n"
        for page, words in [("health", "postgres"), ("metrics", "interestream_up 1.0")]:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=60) as answer:
                text = answer.read().decode()
            if page == "health":
                assert json.loads(text)["state"] == "warning"
            else:
                assert words in text
        process.send_signal(number)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in rest


def test_a_port_that_is_taken_is_told(dsn, cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _, error = cli.run("serve", "--set", f"serve.port={port}", code=2)
    assert f"cannot listen at 127.0.0.1, port {port} (Address already in use): name" in error


def test_without_the_extra_it_says_what_to_install(dsn, cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    for name in [name for name in sys.modules if name.startswith("jobs.serve.")]:
        monkeypatch.delitem(sys.modules, name)
    _, error = cli.run("serve", code=2)
    assert "pip install 'interestream[serve]'" in error


def test_without_a_database_it_says_so(tmp_path, monkeypatch, cli):
    cli.dsn = ""
    _, error = cli.run("serve", code=2)
    assert "no database: give --dsn, or set INTERESTREAM_DSN" in error


def test_other_commands_load_nothing_of_it():
    code = "import sys, jobs.cli, jobs.interest_job; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"fastapi", "uvicorn", "starlette", "prometheus_client"})
