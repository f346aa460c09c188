"""What `interestream jobmanager` refuses before it starts Java."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from jobs.cli import app, application
from jobs.runtime.application import FlinkProcess


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "checkpoints.directory"),
        (["--resume", "--from-savepoint", "file:///s"], "give one of them"),
        (["--set", "interest.last_n=x"], "interest.last_n"),
        (["--flink", "rest.port"], "KEY=VALUE"),
    ],
)
def test_what_cannot_be_followed_is_said_in_a_sentence(arguments, said):
    environment = {"INTERESTREAM_DSN": "postgresql://nobody@nowhere/none"}
    done = CliRunner().invoke(app, ["jobmanager", *arguments], env=environment)
    assert done.exit_code == 2
    assert said in done.output


def test_it_needs_a_database():
    done = CliRunner().invoke(app, ["jobmanager"], env={"INTERESTREAM_DSN": ""})
    assert done.exit_code == 2
    assert "INTERESTREAM_DSN" in done.output


def test_a_taskmanager_reads_the_section_of_metrics_alone(tmp_path, monkeypatch):
    become: list[FlinkProcess] = []
    monkeypatch.setattr(application, "_become", become.append)
    settings = tmp_path / "job.toml"
    settings.write_text("[batching]\nbuckets = 2\n[metrics]\nprometheus_port = 9300\n")
    arguments = ["taskmanager", "--folder", str(tmp_path / "t"), "--config", str(settings)]
    done = CliRunner().invoke(app, [*arguments, "--flink", "metrics.scope.tm=x"])
    assert done.exit_code == 0, done.output
    (process,) = become
    written = yaml.safe_load(Path(process.environment["FLINK_CONF_DIR"], "config.yaml").read_text())
    assert written["metrics.reporter.prom.port"] == "9300-9319"
    assert written["metrics.scope.tm"] == "x"
    assert "batching" not in str(written)


def test_a_port_that_is_none_is_refused_by_a_taskmanager():
    done = CliRunner().invoke(app, ["taskmanager", "--set", "metrics.prometheus_port=x"])
    assert done.exit_code == 2
    assert "metrics.prometheus_port" in done.output
