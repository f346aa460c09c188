"""The command of the benchmarks: its options, and parts that fail."""

import pytest
import typer
from typer.testing import CliRunner

from bench import run
from bench.harness.figures import Figure
from bench.options import QUICK, Options
from bench.parts import Run
from bench.throughput.measure import Plan
from jobs.errors import InterestreamError

APP = typer.Typer()
APP.command()(run.main)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options of each part that was measured; the part `state` fails."""
    calls: list[Options] = []

    def encoder(options: Options, done: Run) -> None:
        calls.append(options)
        done.figures.append(Figure("encoder", "texts/s", 250.0, "texts/s"))

    def state(options: Options, done: Run) -> None:
        raise InterestreamError("no cluster")

    monkeypatch.setattr(run, "PARTS", {"state": state, "encoder": encoder})
    return calls


def test_a_part_that_fails_does_not_end_the_others_and_is_exit_code_2(measured):
    done = CliRunner().invoke(APP, ["--only", "state,encoder"])
    assert done.exit_code == 2
    assert "no cluster" in done.output
    assert "encoder: texts/s" in done.output
    assert len(measured) == 1


def test_options_replace_the_sizes_of_a_quick_run(measured):
    arguments = ["--only", "encoder", "--quick", "--ours", "--users", "5,7", "--warm-up-s", "0"]
    done = CliRunner().invoke(APP, [*arguments, "--spread", "zipf", "--set", "batching.buckets=2"])
    assert done.exit_code == 0
    (options,) = measured
    assert options.sizes == QUICK
    assert options.engines == ("ours",)
    assert options.batches == ("same", "free")
    assert (options.users, options.spreads, options.modes) == ((5, 7), ("zipf",), ("live",))
    assert options.plan == Plan(events=QUICK.events, warm_up_s=0.0, limit_s=QUICK.limit_s)
    assert options.overrides == ("batching.buckets=2",)
    assert options.show_threads


def test_an_unknown_part_is_refused(measured):
    done = CliRunner().invoke(APP, ["--only", "latency"])
    assert done.exit_code == 2
    assert "no such part: latency" in done.output
    assert not measured
