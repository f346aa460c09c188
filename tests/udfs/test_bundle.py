import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.udfs.builders import tiny_bundle
from udfs.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    Prompts,
    hash_files,
    manifest_from_json,
    manifest_to_json,
    read_manifest,
    verify,
)
from udfs.errors import BundleNotFoundError, BundleTamperedError, ManifestError


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tiny_bundle(tmp_path / "bundle")


def edit(bundle: Path, **changes: object) -> None:
    path = bundle / MANIFEST_FILE
    content = json.loads(path.read_bytes())
    content.update(changes)
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))


def test_a_manifest_survives_being_written_and_read(bundle):
    manifest = read_manifest(bundle)
    assert manifest_from_json(manifest_to_json(manifest)) == manifest


def test_an_untouched_bundle_verifies(bundle):
    assert verify(bundle) == read_manifest(bundle)


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_a_changed_file_is_refused_by_name(bundle, name):
    (bundle / name).write_bytes(b"something else")
    with pytest.raises(BundleTamperedError, match=name):
        verify(bundle)


def test_a_missing_file_is_refused_by_name(bundle):
    (bundle / TOKENIZER_FILE).unlink()
    with pytest.raises(BundleTamperedError, match=f"{TOKENIZER_FILE}: found nothing"):
        verify(bundle)


def test_a_file_that_the_manifest_does_not_list_is_refused(bundle):
    (bundle / "weights.bin").write_bytes(b"more")
    with pytest.raises(BundleTamperedError, match=r"weights\.bin"):
        verify(bundle)


def test_every_wrong_file_is_named_at_once(bundle):
    (bundle / MODEL_FILE).write_bytes(b"x")
    (bundle / TOKENIZER_FILE).unlink()
    with pytest.raises(BundleTamperedError, match=rf"(?s){MODEL_FILE}.*{TOKENIZER_FILE}"):
        verify(bundle)


def test_a_truncated_manifest_is_refused(bundle):
    path = bundle / MANIFEST_FILE
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ManifestError, match="not JSON"):
        verify(bundle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dim": ...}, "misses dim"),
        ({"dim": "384"}, "dim is '384'"),
        ({"dim": True}, "dim is True"),
        ({"colour": "blue"}, "unknown field colour"),
        ({"layout_version": 99}, "layout 99, this version reads 1"),
        ({"prompts": {"query": ""}}, "prompts: misses document"),
        ({"parity": {}}, "parity: misses texts"),
        ({"bundle_sha256": ...}, "was edited"),
    ],
)
def test_a_manifest_of_another_form_is_refused_with_the_reason(bundle, changes, message):
    edit(bundle, **changes)
    with pytest.raises(ManifestError, match=message):
        read_manifest(bundle)


def test_an_edited_prompt_is_refused(bundle):
    edit(bundle, prompts={"query": "other: ", "document": ""})
    with pytest.raises(ManifestError, match="was edited"):
        verify(bundle)


def test_a_manifest_that_lists_nothing_is_refused(bundle):
    manifest = replace(read_manifest(bundle), files={})
    (bundle / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    with pytest.raises(BundleTamperedError, match=MODEL_FILE):
        verify(bundle)


@pytest.mark.parametrize("where", ["nowhere", "bundle/model.onnx"])
def test_no_bundle_at_all_says_how_to_make_one(bundle, where):
    with pytest.raises(BundleNotFoundError, match="python -m model_export"):
        verify(bundle.parent / where)


def test_the_identity_follows_what_decides_the_vectors(bundle):
    manifest = read_manifest(bundle)
    identity = manifest.bundle_sha256
    assert replace(manifest, name="n", version="2", created_at="later").bundle_sha256 == identity
    different = [
        replace(manifest, files={**manifest.files, MODEL_FILE: "1" * 64}),
        replace(manifest, prompts=Prompts("", "")),
        replace(manifest, max_tokens=9),
    ]
    assert len({identity, *(other.bundle_sha256 for other in different)}) == 4


def test_a_manifest_that_names_no_languages_means_english(bundle):
    edit(bundle, languages=...)
    assert read_manifest(bundle).languages == ("en",)


def test_the_languages_of_a_manifest_survive_and_decide_no_vector(bundle):
    plain = read_manifest(bundle)
    several = replace(plain, languages=("en", "zh"))
    assert manifest_from_json(manifest_to_json(several)) == several
    assert several.bundle_sha256 == plain.bundle_sha256


@pytest.mark.parametrize("languages", [[], [""], [1], "en"])
def test_languages_that_are_no_list_of_codes_are_refused(bundle, languages):
    edit(bundle, languages=languages)
    with pytest.raises(ManifestError, match="languages"):
        read_manifest(bundle)


def test_a_report_beside_the_model_is_hashed_and_decides_no_vector(bundle):
    manifest = read_manifest(bundle)
    (bundle / "report.json").write_text("{}")
    with_report = replace(manifest, files=hash_files(bundle))
    assert with_report.bundle_sha256 == manifest.bundle_sha256
    (bundle / MANIFEST_FILE).write_bytes(manifest_to_json(with_report))
    (bundle / "report.json").write_text("[]")
    with pytest.raises(BundleTamperedError, match=r"report\.json"):
        verify(bundle)
