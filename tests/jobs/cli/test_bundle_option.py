"""The encoder of `try` and `demo`: a folder, a version of a registry, or the packaged one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app, run
from jobs.cli.run import bundle_source, packaged_bundle
from tests.udfs.builders import tiny_bundle
from udfs.bundle import MODEL_FILE


def test_a_folder_or_a_version_of_a_registry_is_taken(tmp_path):
    folder = tiny_bundle(tmp_path / "tiny" / "1")
    steps: list[str] = []
    assert bundle_source(str(folder), "")(steps.append) == folder
    assert bundle_source("tiny@1", str(tmp_path))(steps.append) == folder
    assert steps == []


def test_without_the_option_the_packaged_encoder_is_taken():
    assert bundle_source(None, "") is packaged_bundle


@pytest.mark.parametrize("command", ["try", "demo"])
def test_a_bundle_that_cannot_be_used_is_told_before_anything_starts(
    command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    tampered = tiny_bundle(tmp_path / "tiny")
    (tampered / MODEL_FILE).write_bytes(b"tampered")
    data = [str(tmp_path)] if command == "try" else []
    done = CliRunner().invoke(app, [command, *data, "--bundle", str(tampered)])
    assert done.exit_code == 2
    assert "does not fit its manifest" in done.output
    assert not (tmp_path / ".interestream").exists()
    done = CliRunner().invoke(app, [command, *data, "--bundle", "tiny@9"])
    assert done.exit_code == 2
    assert "no registry: give --registry" in done.output


def test_the_steps_of_the_packaged_encoders_export_are_shown_as_sentences(monkeypatch):
    from model_export import ensure
    from model_export.build import STEPS

    def exporting(root: Path, on_step: Callable[[str], None]) -> Path:
        for step in STEPS:
            on_step(step)
        return root

    monkeypatch.setattr(ensure, "ensure_bundle", exporting)
    said: list[str] = []
    run.packaged_bundle(said.append)
    assert said == [
        "Loading the model",
        "Writing the graph",
        "Fusing the graph",
        "Comparing with the model",
        "Publishing",
    ]
