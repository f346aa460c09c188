"""The command line as a schedule and a person use it, on a small model."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from model_export import build, exit_codes
from model_export import commands as command
from model_export.errors import MissingExtraError, ParityError
from model_export.publishing.lock import export_lock
from model_export.recipes import fastest as searched
from model_export.recipes import fp32
from model_export.search import search
from model_export.search.judge import Effort
from model_export.search.processor import this_processor
from model_export.search.search import Options
from model_export.tolerances import FP32
from tests.model_export.builders import tiny_model, write_json
from udfs.bundle import MODEL_FILE
from udfs.registry.registry import open_registry


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command.app, [str(argument) for argument in arguments])


def tree(folder: Path) -> dict[str, bytes]:
    """Every file with its content, but for the lock, which stays empty."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module", autouse=True)
def the_recipe_of_most_tests() -> Iterator[None]:
    """Searching takes a while; what is tested here does not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTERESTREAM_EXPORT_RECIPE", "fp32-fused")
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A registry with t@1 and t@2, the latter of a shorter longest input."""
    registry = tmp_path_factory.mktemp("registry")
    options = ("--registry", registry, "--name", "t", "--source", model)
    assert run(*options, "--version", "1").exit_code == 0
    assert run(*options, "--version", "2", "--max-tokens", "8").exit_code == 0
    return registry


@pytest.fixture
def registry(exported: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(exported, tmp_path / "registry"))


def test_the_bundles_path_is_all_that_is_printed(tmp_path, model):
    result = run("--out", tmp_path / "out", "--name", "t", "--version", "2", "--source", model)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'out' / 't' / '2'}\n")
    assert "Comparing with the model" in result.stderr


def test_an_export_needs_to_know_where_to():
    result = run()
    assert result.exit_code == exit_codes.WRONG_OPTION
    assert "--registry" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(ParityError("off by 0.1"), 3), (MissingExtraError("pip install x"), 4)]
)
def test_each_way_to_fail_has_its_exit_code(tmp_path, monkeypatch, error, code, model):
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(build, "make_bundle", fail)
    result = run("--out", tmp_path, "--source", model)
    assert result.exit_code == code
    assert str(error) in result.stderr


def test_a_folder_without_a_model_fails_with_its_reason(tmp_path):
    result = run("--out", tmp_path / "out", "--source", tmp_path)
    assert result.exit_code == exit_codes.FAILED
    assert "misses config.json" in result.stderr


def test_nothing_changed_means_nothing_done(registry, model):
    options = ("--registry", registry, "--name", "t", "--source", model, "--if-changed")
    before = tree(registry)
    same = run(*options, "--max-tokens", "8")
    assert same.exit_code == 0
    assert "nothing has changed since t@2: nothing was done" in same.stderr
    assert same.stdout == f"{registry / 't' / '2'}\n"
    assert "Loading the model" not in same.stderr
    assert tree(registry) == before


def test_a_changed_setting_file_or_tool_is_said_and_exported(registry, tmp_path, model):
    changed = Path(shutil.copytree(model, tmp_path / "m"))
    write_json(changed / "sentence_bert_config.json", {"max_seq_length": 16})
    provenance = registry / "t" / "2" / "provenance.json"
    assert json.loads(provenance.read_bytes())["settings"]["max_tokens"] == 8
    result = run(
        "--registry", registry, "--name", "t", "--source", changed, "--if-changed", "--json"
    )
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["published"] is True
    assert "setting max_tokens: 8, now None" in said["changes"]
    assert any(line.startswith("file sentence_bert_config.json: ") for line in said["changes"])
    assert len(said["changes"]) == 2
    assert open_registry(registry).versions("t") == sorted(
        ["1", "2", said["reference"].partition("@")[2]]
    )


def test_a_tampered_latest_version_is_a_reason_to_export(registry, model):
    (registry / "t" / "2" / MODEL_FILE).write_bytes(b"tampered")
    result = run(
        *("--registry", registry, "--name", "t", "--source", model),
        *("--if-changed", "--json", "--max-tokens", 8, "--version", 2),
    )
    assert result.exit_code == 0
    assert (
        "the latest version cannot be used: model.onnx" in json.loads(result.stdout)["changes"][0]
    )
    assert run("verify", "--registry", registry).exit_code == 0


def test_a_running_export_keeps_others_out(registry, model):
    with export_lock(open_registry(registry), "t"):
        result = run("--registry", registry, "--name", "t", "--source", model)
    assert result.exit_code == exit_codes.LOCKED
    assert "another export of t is running" in result.stderr


def assert_registry_kept(registry: Path, before: dict[str, bytes]) -> None:
    assert tree(registry) == before
    assert not [path for path in registry.iterdir() if path.name.startswith(".")]
    assert run("verify", "--registry", registry).exit_code == 0


def test_a_tolerance_that_cannot_be_met_leaves_the_registry_as_it_was(registry, model, monkeypatch):
    strict = replace(FP32, max_abs_difference=1e-12)
    monkeypatch.setattr(fp32.fp32_fused, "__defaults__", (strict,))
    before = tree(registry)
    result = run("--registry", registry, "--name", "t", "--source", model)
    assert result.exit_code == exit_codes.GATE
    assert "difference from the model" in result.stderr
    assert "at most 1e-12" in result.stderr
    assert_registry_kept(registry, before)


def test_a_search_tells_what_it_measured_and_leaves_the_registry_where_its_gate_is_not_met(
    registry, model, tmp_path, monkeypatch
):
    small = Effort(turns=1, workload_texts=20, company_texts=10, cells=False)
    monkeypatch.setattr(search, "QUICK_EFFORT", small)
    monkeypatch.setattr(searched, "Options", partial(Options, tuning_texts=80, judging_texts=120))
    monkeypatch.delenv("INTERESTREAM_EXPORT_RECIPE")
    gate = tmp_path / "gate.toml"
    options = ("--registry", registry, "--name", "t", "--source", model, "--quick", "--gate", gate)
    before = tree(registry)
    gate.write_text("min_speedup = 1000")
    failed = run(*options)
    assert failed.exit_code == exit_codes.GATE
    assert "no graph is inside the gate" in failed.stderr
    assert re.search(r"int8-static: .*speed-up [\d.]+, at least 1000", failed.stderr)
    assert_registry_kept(registry, before)
    # So small a model spends its time outside of products: whether one is faster is chance.
    gate.write_text("min_speedup = 0\nmin_overlap = 0.5\nmin_cosine = 0.9")
    published = run(*options, "--version", "3")
    assert published.exit_code == 0
    assert published.stdout == f"{registry / 't' / '3'}\n"
    (chosen,) = [line for line in published.stderr.splitlines() if "chosen" in line]
    report = json.loads((registry / "t" / "3" / "report.json").read_bytes())
    assert report["chosen"] == chosen.split()[0]
    assert report["processor"]["features"] == [*this_processor().features]
    assert run("show", "--registry", registry, "t@3", "--json").exit_code == 0


def test_wrong_options_are_told_in_a_line_and_with_their_own_exit_code(tmp_path):
    """By a process of its own: there the command line ends, not a test's runner."""
    for options in (("--registry", tmp_path, "--nonsense"), ("--keep", "0"), ("bogus",)):
        done = subprocess.run(
            [sys.executable, "-m", "model_export", *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_codes.WRONG_OPTION
        assert "Traceback" not in done.stderr


def test_a_damaged_weight_file_leaves_the_registry_as_it_was(registry, model, tmp_path):
    damaged = Path(shutil.copytree(model, tmp_path / "damaged"))
    weights = (damaged / "model.safetensors").read_bytes()
    (damaged / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    before = tree(registry)
    result = run("--registry", registry, "--name", "t", "--source", damaged)
    assert result.exit_code == exit_codes.FAILED
    assert "cannot load the model" in result.stderr
    assert_registry_kept(registry, before)


def test_weights_that_are_not_numbers_leave_the_registry_as_it_was(registry, model, tmp_path):
    """Whole, loadable, and worthless: only the gate can tell."""
    import torch
    from safetensors.torch import load_file, save_file

    damaged = Path(shutil.copytree(model, tmp_path / "damaged"))
    weights = load_file(damaged / "model.safetensors")
    weights["encoder.layer.0.output.dense.bias"][3] = torch.nan
    save_file(weights, damaged / "model.safetensors", metadata={"format": "pt"})
    before = tree(registry)
    result = run("--registry", registry, "--name", "t", "--source", damaged)
    assert result.exit_code == exit_codes.GATE
    assert "cosine with the model nan, at least 0.99999" in result.stderr
    assert_registry_kept(registry, before)


def test_a_wrong_pooling_leaves_the_registry_as_it_was(registry, model):
    before = tree(registry)
    result = run("--registry", registry, "--name", "t", "--source", model, "--pooling", "cls")
    assert result.exit_code == exit_codes.GATE
    assert "cosine with the model 0." in result.stderr
    assert_registry_kept(registry, before)


def test_an_unknown_recipe_names_those_there_are(tmp_path, model):
    result = run("--out", tmp_path / "out", "--source", model, "--recipe", "fp7")
    assert result.exit_code == exit_codes.FAILED
    assert "use one of searched, fp32-fused" in result.stderr


def test_versions_are_listed_with_their_state(registry):
    run("pin", "--registry", registry, "t@1")
    rows = json.loads(run("list", "--registry", registry, "--json").stdout)
    assert [(row["bundle"], row["latest"], row["pinned"]) for row in rows] == [
        ("t@1", False, True),
        ("t@2", True, False),
    ]
    assert rows[0]["dim"] == 32
    (registry / "t" / "1" / "manifest.json").write_bytes(b"{")
    text = run("list", "--registry", registry).stdout
    assert "broken" in text
    assert "latest" in text


def test_a_bundle_is_shown_by_reference(registry):
    said = json.loads(run("show", "--registry", registry, "t", "--json").stdout)
    assert (said["version"], said["max_tokens"]) == ("2", 8)
    assert "max_tokens" in run("show", "--registry", registry, "t@1").stdout


def test_two_bundles_are_compared_by_manifest_and_vectors(registry):
    said = json.loads(run("diff", "--registry", registry, "t@1", "t@2", "--json").stdout)
    assert said["manifest"]["max_tokens"] == [32, 8]
    assert said["manifest"]["version"] == ["1", "2"]
    assert "files.model.onnx" not in said["manifest"]
    assert 0 < said["vectors"]["min_cosine"] < 0.999
    same = json.loads(run("diff", "--registry", registry, "t@1", "t@1", "--json").stdout)
    assert same["manifest"] == {}
    assert same["vectors"]["min_cosine"] == pytest.approx(1)
    assert same["vectors"]["top_overlap"] == 1
    text = run("diff", "--registry", registry, "t@1", "t@2").stdout
    assert "of the 10 nearest agree" in text


def test_verification_names_what_does_not_fit_and_fails(registry):
    assert run("verify", "--registry", registry).exit_code == 0
    (registry / "t" / "1" / MODEL_FILE).write_bytes(b"tampered")
    result = run("verify", "--registry", registry, "--json")
    assert result.exit_code == exit_codes.FAILED
    said = json.loads(result.stdout)
    assert said["sound"] is False
    assert said["problems"]["t@2"] == []
    assert MODEL_FILE in said["problems"]["t@1"][0]
    assert run("verify", "--registry", registry, "t@2").exit_code == 0


def test_a_clean_up_says_what_it_would_do_and_does_it(registry):
    options = ("prune", "--registry", registry, "--name", "t", "--keep", 1, "--json")
    said = json.loads(run(*options, "--dry-run").stdout)
    assert said["removed"] == ["t@1"]
    assert open_registry(registry).versions("t") == ["1", "2"]
    run(*options)
    assert open_registry(registry).versions("t") == ["2"]


def test_a_scheduled_export_cleans_up_behind_itself(registry, model, dsn):
    """Version 1 is the oldest, and a space was built with it."""
    import psycopg

    with psycopg.connect(dsn) as db:
        zeros = [0.0] * 32
        db.execute("SELECT interestream.create_space('t', '1', 'other', 32, %s::real[])", (zeros,))
    result = run(
        *("--registry", registry, "--name", "t", "--source", model, "--version", 3),
        *("--keep", 1, "--dsn", dsn, "--json"),
    )
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["removed"] == ["t@2"]
    assert said["notes"] == []
    assert open_registry(registry).versions("t") == ["1", "3"]


def test_a_fetched_bundle_is_a_folder_that_fits(registry):
    result = run("fetch", "--registry", registry, "t")
    assert result.stdout == f"{registry / 't' / '2'}\n"
    assert run("fetch", "--registry", registry, "t@9").exit_code == exit_codes.FAILED


def test_an_export_that_is_told_to_end_leaves_nothing_behind(tmp_path, model):
    """As systemd and Kubernetes end it: SIGTERM, while the graph is being made."""
    process = subprocess.Popen(
        [sys.executable, "-m", "model_export", "--out", tmp_path / "out", "--source", model],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Writing the graph"):
            process.terminate()
            break
    process.communicate(timeout=120)
    assert process.returncode == exit_codes.TERMINATED
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path.name for path in left if path.read_bytes()] == []
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
