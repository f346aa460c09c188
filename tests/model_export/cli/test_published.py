"""Looking at what is published."""

import json

import pytest

from model_export import exit_codes
from tests.model_export.cli.builders import run
from udfs.bundle import MODEL_FILE

pytestmark = pytest.mark.xdist_group("export-cli")  # one registry is exported


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
    printed = json.loads(run("show", "--registry", registry, "t", "--json").stdout)
    assert (printed["version"], printed["max_tokens"]) == ("2", 8)
    assert "max_tokens" in run("show", "--registry", registry, "t@1").stdout


def test_two_bundles_are_compared_by_manifest_and_vectors(registry):
    printed = json.loads(run("diff", "--registry", registry, "t@1", "t@2", "--json").stdout)
    assert printed["manifest"]["max_tokens"] == [32, 8]
    assert printed["manifest"]["version"] == ["1", "2"]
    assert "files.model.onnx" not in printed["manifest"]
    assert 0 < printed["vectors"]["min_cosine"] < 0.999
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
    printed = json.loads(result.stdout)
    assert printed["sound"] is False
    assert printed["problems"]["t@2"] == []
    assert MODEL_FILE in printed["problems"]["t@1"][0]
    assert run("verify", "--registry", registry, "t@2").exit_code == 0


def test_a_fetched_bundle_is_a_folder_that_fits(registry):
    result = run("fetch", "--registry", registry, "t")
    assert result.stdout == f"{registry / 't' / '2'}\n"
    assert run("fetch", "--registry", registry, "t@9").exit_code == exit_codes.FAILED
