"""The schema of the API: a property-based client finds no request that the server fails at."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobs.config import Config
from jobs.serve.append.streams import streams_of
from tests.jobs.asking.catalogue import fill
from tests.jobs.serve.served import serving
from tests.sql.logins import login

KEY = "a key of the test"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)


@pytest.mark.parametrize(
    "effort",
    [
        pytest.param(["--phases=fuzzing", "--max-examples=8"], id="short"),
        pytest.param(
            ["--phases=coverage,fuzzing", "--max-examples=50"], id="long", marks=pytest.mark.long
        ),
    ],
)
def test_no_request_that_the_schema_leads_to_makes_the_server_fail(
    dsn: str, bundle_dir: Path, tmp_path: Path, effort: list[str]
) -> None:
    for stream in ("events", "items"):
        (tmp_path / stream).mkdir()
    config = Config.model_validate(
        {
            "encoder": {"bundle": bundle_dir},
            "sources": {"root": tmp_path},
            "serve": {"accepts": ["events", "items"], "api_key": KEY},
        }
    )
    with psycopg.connect(dsn) as db:
        fill(db, bundle_dir)
    with (
        login(dsn, "interestream_reader") as reader,
        serving(reader, config.serve, appended=streams_of(config), config=config) as served,
    ):
        done = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis",
                "run",
                f"{served.address}/openapi.json",
                f"--header=Authorization: Bearer {KEY}",
                f"--checks={','.join(CHECKS)}",
                *effort,
                "--seed=1",
                "--generation-database=none",
                "--suppress-health-check=all",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    # That it asked at all: each endpoint was reached.
    assert " passed" in done.stdout
