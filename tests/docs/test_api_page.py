"""The page of the API has every endpoint, and its examples work as they stand."""

import os
import re
import subprocess
from pathlib import Path

from jobs.config import load_config
from jobs.serve.api.table import HEAD, endpoint_rows
from jobs.serve.app import make_app
from jobs.serve.append.streams import streams_of
from jobs.serve_settings import Serve
from tests.interestream.conftest import reader_dsn  # noqa: F401
from tests.jobs.serve.append.test_to_folder import lines_of
from tests.jobs.serve.served import NOWHERE, serving

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "api.md").read_text()
KEY = "a key of the test"
WITHOUT_ENDPOINT = {
    "item_filter",
    "start_experiment",
    "set_shares",
    "end_experiment",
    "reset_weights",
    "freeze_weights",
    "forget_user",
    "delete_items",
    "create_space",
    "index_space",
    "activate_space",
    "drop_space",
    "create_sequence",
    "serve_sequence",
}
"""Functions that change something, or whose value is no answer."""


def test_the_page_has_every_endpoint():
    schema = make_app(NOWHERE, Serve(), lambda: [], {}).openapi()
    assert "\n".join((*HEAD, *endpoint_rows(schema))) in PAGE


def test_every_function_that_asks_is_an_endpoint():
    sql = (DOCS / "sql.md").read_text()
    functions = set(re.findall(r"^\| `(\w+)` \| (?:`p_|\|)", sql, re.MULTILINE))
    assert {"recommend", "previous_space"} <= functions
    paths = make_app(NOWHERE, Serve(), lambda: [], {}).openapi()["paths"]
    endpoints = {path.rpartition("/")[2] for path in paths}
    assert functions - endpoints == WITHOUT_ENDPOINT


def test_every_problem_that_is_told_is_on_the_page():
    source = "".join(file.read_text() for file in (DOCS.parent / "jobs/serve").rglob("*.py"))
    told = set(re.findall(r'HTTPStatus\.\w+,\s+"(\w+)"', source))
    assert {"unknown_item", "invalid_records", "no_key"} <= told
    assert [name for name in told if f"`{name}`" not in PAGE] == []


def test_the_examples_work(reader_dsn, tmp_path):  # noqa: F811
    for stream in ("events", "items"):
        (tmp_path / stream).mkdir()
    config = load_config(None, ['serve.accepts=["events","items"]'])
    settings = Serve.model_validate({"api_key": KEY})
    examples = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 3
    with serving(reader_dsn, settings, appended=streams_of(config, tmp_path)) as served:
        for example in examples:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", example],
                env={**os.environ, "API": f"{served.address}/api/v1", "KEY": KEY},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert '"rows":[{' in done.stdout or '"accepted":' in done.stdout
    assert len(lines_of(tmp_path / "events")) == 1
    assert len(lines_of(tmp_path / "items")) == 2
