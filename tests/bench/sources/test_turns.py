"""The part `sources` of the command: its turns, and topics where there is no broker."""

from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from bench import history, parts, run
from bench.sources.result import SourceResult
from jobs.errors import InterestreamError
from tests.bench.sources.test_result import job, turn

APP = typer.Typer()
APP.command()(run.main)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, int, str]]:
    """Source, turn and profile of each measurement; `segment` fails."""
    calls: list[tuple[str, int, str]] = []

    def run_source(
        source: str, number: int, profile: str, users: int, events: int, *more: object
    ) -> SourceResult:
        calls.append((source, number, profile))
        if source == "segment":
            raise InterestreamError("no such call")
        return turn(source, number, 50_000, job(20.0), 60)

    monkeypatch.setattr(parts, "run_source", run_source)
    monkeypatch.setattr(parts, "missing_for_topics", lambda: "")
    monkeypatch.setattr(history.Saved.__init__, "__kwdefaults__", {"root": tmp_path})
    return calls


def asked(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(APP, ["--only", "sources", "--quick", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_sources_follow_one_another_in_turns_with_one_window(
    measured: list[tuple[str, int, str]],
) -> None:
    asked("--sources", "files,kafka", "--turns", "2")
    assert measured == [(name, n, "one-window") for n in (1, 2) for name in ("files", "kafka")]


def test_topics_are_left_out_with_a_line_where_there_is_no_broker(
    measured: list[tuple[str, int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "missing_for_topics", lambda: "the broker's jars are missing")
    output = asked("--sources", "files,kafka", "--profile", "all")
    assert measured == [("files", 1, "all")]
    assert "sources: kafka is left out: the broker's jars are missing" in output


def test_a_source_that_fails_leaves_the_others_and_is_exit_code_2(
    measured: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    output = asked("--sources", "segment,files,flat", code=2)
    assert "sources, segment: no such call" in output
    (results,) = tmp_path.glob("*/results.json")
    kept = orjson.loads(results.read_bytes())
    assert [one["source"] for one in kept["sources"]] == ["files", "flat"]
    assert len(kept["figures"]) == 8


def test_an_unknown_source_is_refused(measured: list[tuple[str, int, str]]) -> None:
    done = CliRunner().invoke(APP, ["--only", "sources", "--sources", "files,pulsar"])
    assert done.exit_code == 2
    assert "no such source: pulsar" in done.output
    assert not measured
