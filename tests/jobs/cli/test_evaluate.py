"""The command `evaluate`, as far as it goes without the system."""

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.builders import MINUTE_MS, NOON_MS, event


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    titles = ["The Moon", "A First Telescope", "Bread at Home", "Rye and Wheat", "Chess Openings"]
    items = [{"item_id": f"i{n}", "title": title} for n, title in enumerate(titles)]
    (folder / "items.jsonl").write_bytes(b"\n".join(map(orjson.dumps, items)))
    events = [
        event(n, user_id=f"u{n % 7}", item_id=f"i{n % 5}", event_time=NOON_MS + n * MINUTE_MS)
        for n in range(30)
    ]
    (folder / "events.jsonl").write_bytes(b"\n".join(map(orjson.dumps, events)))
    return folder


def evaluate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", "evaluate", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_baselines_alone_print_a_report_and_write_its_files(data, tmp_path, bundle_dir):
    out = tmp_path / "out"
    done = evaluate(data, "--baselines-only", "--questions", "5", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["counts"]["interactions"] == 30
    assert report["counts"]["questions"] == 5
    assert "recommend()" not in report["systems"]
    assert set(report["systems"]) >= {"popular, 1 d", "co-occurrence", "text mean", "blend, fixed"}
    assert json.loads((out / "report.json").read_text()) == report
    lists = [json.loads(line) for line in (out / "lists.jsonl").read_text().splitlines()]
    assert len(lists) == 5 * len(report["systems"])
    assert (out / "report.md").read_text().startswith("# Recommendations on shop")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--frozen", "--protocol", "leave-one-out"], "--frozen needs a test part"),
        (["--frozen", "--baselines-only"], "--baselines-only asks no system"),
        (["--compare-sql", "/nowhere.sql"], "No such file or directory"),
    ],
)
def test_options_that_do_not_fit_exit_with_2_and_say_why(data, bundle_dir, arguments, sentence):
    done = evaluate(data, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_data_without_an_interaction_exits_with_2(data, bundle_dir):
    (data / "events.jsonl").write_text('{"event_id": "e", "user_id": "u"}\n')
    done = evaluate(data, "--baselines-only")
    assert done.returncode == 2
    assert "there is nothing to ask" in done.stderr
