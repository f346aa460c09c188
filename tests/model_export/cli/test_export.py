"""`export` as a schedule and a person use it, on a small model."""

import json
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from model_export import build, exit_codes
from model_export.errors import MissingExtraError, ParityError
from model_export.publishing.lock import export_lock
from model_export.recipes import fastest, fp32
from model_export.search import search
from model_export.search.judge import Effort
from model_export.search.processor import this_processor
from model_export.search.search import Options
from model_export.tolerances import FP32
from tests.model_export.builders import write_json
from tests.model_export.cli.builders import run, tree
from udfs.bundle import MODEL_FILE
from udfs.registry.registry import open_registry

pytestmark = pytest.mark.xdist_group("export-cli")  # one registry is exported


def test_the_bundles_path_is_all_that_is_printed(tmp_path, model):
    result = run("--out", tmp_path / "out", "--name", "t", "--version", "2", "--source", model)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'out' / 't' / '2'}\n")
    assert "Comparing with the model" in result.stderr


def test_prompts_and_languages_are_said_with_where_they_come_from(tmp_path, model):
    """A folder of the hub's cache, whose own name is a commit."""
    snapshot = tmp_path / "models--intfloat--multilingual-e5-small" / "snapshots" / ("c" * 40)
    shutil.copytree(model, snapshot)
    options = ("--out", tmp_path / "out", "--source", snapshot)
    result = run(*options, "--document-prompt", "")
    assert result.exit_code == 0
    by_name = "known by the model's name intfloat/multilingual-e5-small"
    assert f"query prompt: 'query: ', {by_name}" in result.stderr
    assert "document prompt: none, by --document-prompt" in result.stderr
    assert "languages: en, which is assumed" in result.stderr
    assert result.stdout.startswith(f"{tmp_path / 'out' / 'multilingual-e5-small'}/")
    assert result.stdout.count("\n") == 1
    settings = {"prompts": {"search_query": "find: ", "search_document": "in: "}}
    write_json(snapshot / "config_sentence_transformers.json", settings)
    notes = json.loads(run(*options, "--languages", "en,zh", "--json").stdout)["notes"]
    assert notes == [
        "query prompt: 'find: ', from config_sentence_transformers.json (search_query)",
        "document prompt: 'in: ', from config_sentence_transformers.json (search_document)",
        "languages: en, zh, from --languages",
    ]


def test_a_model_for_the_dot_product_is_exported_with_a_note(tmp_path, model):
    folder = Path(shutil.copytree(model, tmp_path / "m"))
    write_json(folder / "config_sentence_transformers.json", {"similarity_fn_name": "dot"})
    result = run("--out", tmp_path / "out", "--source", folder, "--json")
    assert result.exit_code == 0
    assert "trained for the dot product" in result.stderr
    assert any("trained for the dot product" in note for note in json.loads(result.stdout)["notes"])


@pytest.mark.parametrize(
    ("languages", "message"),
    [("en,zh,", "empty part"), ("zh-CN", "use zh"), ("chinese", "ISO 639-1")],
)
def test_languages_are_looked_at_before_anything_is_done(tmp_path, model, languages, message):
    options = ("--out", tmp_path / "out", "--source", model, "--languages", languages)
    result = run(*options)
    assert result.exit_code == exit_codes.WRONG_OPTION
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Looking for the model" not in result.stderr
    assert not (tmp_path / "out").exists()


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
    printed = json.loads(result.stdout)
    assert printed["published"] is True
    assert "setting max_tokens: 8, now None" in printed["changes"]
    assert any(line.startswith("file sentence_bert_config.json: ") for line in printed["changes"])
    assert len(printed["changes"]) == 2
    assert open_registry(registry).versions("t") == sorted(
        ["1", "2", printed["reference"].partition("@")[2]]
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


@pytest.mark.long
def test_a_search_tells_what_it_measured_and_leaves_the_registry_where_its_gate_is_not_met(
    registry, model, tmp_path, monkeypatch
):
    small = Effort(turns=1, workload_texts=20, company_texts=10, cells=False)
    monkeypatch.setattr(search, "QUICK_EFFORT", small)
    monkeypatch.setattr(fastest, "Options", partial(Options, tuning_texts=80, judging_texts=120))
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
    printed = json.loads(result.stdout)
    assert printed["removed"] == ["t@2"]
    assert not any("INTERESTREAM_DSN" in note for note in printed["notes"])
    assert open_registry(registry).versions("t") == ["1", "3"]
