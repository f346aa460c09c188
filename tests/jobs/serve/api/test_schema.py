"""The schema of the API: a property-based client finds no request that the server fails at."""

import subprocess
import sys
from pathlib import Path

import pytest

from jobs.config import load_config
from jobs.serve.append.streams import streams_of
from jobs.serve_settings import Serve
from tests.jobs.serve.served import serving

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
    reader_dsn, tmp_path: Path, effort
):
    for stream in ("events", "items"):
        (tmp_path / stream).mkdir()
    config = load_config(None, ['serve.accepts=["events","items"]'])
    settings = Serve.model_validate({"api_key": KEY})
    with serving(reader_dsn, settings, appended=streams_of(config, tmp_path)) as served:
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
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    assert "No issues found" in done.stdout
