"""The page beside an embedded system: where it answers, and that it ends."""

import importlib.util
import urllib.request
from pathlib import Path

import psycopg
import pytest

from jobs.local.page import MISSING, local_page
from tests.sql.builders import add_space


def test_it_answers_while_the_block_runs_and_not_after_it(dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(dsn) as db:
        add_space(db)
    (tmp_path / "events").mkdir()
    with local_page(dsn, tmp_path, tmp_path / "page.log", accepts=["events"]) as page:
        assert page.sentence() == f"The page: {page.address}"
        with urllib.request.urlopen(page.address, timeout=60) as answer:
            assert "<h1>Overview</h1>" in answer.read().decode()
    assert page.process is not None
    assert page.process.poll() is not None
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{page.address}/live", timeout=5)


def test_a_page_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    log = tmp_path / "page.log"
    with local_page("", tmp_path, log) as page:
        assert page.sentence() == f"The page did not start: {log} says why"
    assert "no database" in log.read_text()


def test_without_the_packages_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "fastapi" else found(name)
    )
    with local_page("", tmp_path, tmp_path / "page.log") as page:
        assert page.sentence() == MISSING
