from dataclasses import replace
from pathlib import Path

import pytest

from model_export.errors import BundleExistsError
from model_export.publish import publish_folder
from tests.udfs.builders import tiny_bundle, write_manifest
from udfs.bundle import MODEL_FILE, hash_files, read_manifest, verify
from udfs.errors import BundleTamperedError


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def staged(folder: Path, graph: bytes = b"graph") -> Path:
    """A whole bundle that waits to be published."""
    tiny_bundle(folder)
    (folder / MODEL_FILE).write_bytes(graph)
    write_manifest(folder, replace(read_manifest(folder), files=hash_files(folder)))
    return folder


def publish_one(workspace: Path, out: Path, graph: bytes = b"graph") -> Path:
    return publish_folder(staged(workspace / "bundle", graph), out)


def test_a_bundle_is_published_under_its_name_and_version(tmp_path, out):
    folder = staged(tmp_path / "a")
    manifest = read_manifest(folder)
    assert publish_folder(folder, out) == out / "tiny" / "1"
    assert verify(out / "tiny" / "1") == manifest
    assert not folder.exists()


def test_publishing_the_same_again_keeps_what_is_there(tmp_path, out):
    first = publish_one(tmp_path / "a", out)
    before = (first / MODEL_FILE).stat().st_ino
    assert publish_one(tmp_path / "b", out) == first
    assert (first / MODEL_FILE).stat().st_ino == before


def test_a_published_bundle_is_never_replaced_by_another(tmp_path, out):
    publish_one(tmp_path / "a", out)
    with pytest.raises(BundleExistsError, match="choose a new --version"):
        publish_one(tmp_path / "b", out, graph=b"other")
    assert (out / "tiny" / "1" / MODEL_FILE).read_bytes() == b"graph"


def test_a_broken_bundle_gives_way(tmp_path, out):
    target = publish_one(tmp_path / "a", out)
    (target / MODEL_FILE).write_bytes(b"tampered")
    publish_one(tmp_path / "b", out, graph=b"other")
    assert verify(target).files == hash_files(target)


def test_files_that_do_not_fit_the_manifest_are_not_published(tmp_path, out):
    folder = staged(tmp_path / "a")
    (folder / MODEL_FILE).write_bytes(b"changed since")
    with pytest.raises(BundleTamperedError):
        publish_folder(folder, out)
    assert not (out / "tiny" / "1").exists()
