"""Published models come from folders and object stores, hashed."""

import shutil

import pytest

from tests.model_export.sequence.planted import bundle
from udfs.bundle import MANIFEST_FILE
from udfs.errors import BundleNotFoundError, BundleTamperedError
from udfs.registry.reference import Reference
from udfs.registry.registry import open_registry
from udfs.sequence.published import (
    published_versions,
    read_published,
    sequence_folder,
    sequence_path,
)


@pytest.fixture(params=["folder", "memory"])
def registry(request, tmp_path):
    url = str(tmp_path / "registry") if request.param == "folder" else f"memory://{tmp_path.name}"
    made = bundle(tmp_path / "staged", version="1")
    open_registry(url).store.add_folder(
        tmp_path / "staged", sequence_path(Reference("sequence", "1")), last=MANIFEST_FILE
    )
    return url, made


def test_a_version_is_found_by_its_hash_and_is_no_encoder(registry, tmp_path):
    url, made = registry
    folder = sequence_folder(url, "sequence", "1", made.bundle_sha256, tmp_path / "cache")
    assert read_published(url, Reference("sequence", "1")) == made
    assert published_versions(url, "sequence") == ["1"]
    assert (folder / MANIFEST_FILE).exists()
    assert open_registry(url).names() == []


def test_another_hash_and_a_missing_version_are_told(registry, tmp_path):
    url, made = registry
    with pytest.raises(BundleTamperedError):
        sequence_folder(url, "sequence", "1", "other", tmp_path / "cache")
    with pytest.raises(BundleNotFoundError):
        sequence_folder(url, "sequence", "2", made.bundle_sha256, tmp_path / "cache")


def test_a_copy_serves_while_the_registry_is_away(tmp_path):
    made = bundle(tmp_path / "staged", version="1")
    url = f"memory://{tmp_path.name}-away"
    store = open_registry(url).store
    path = sequence_path(Reference("sequence", "1"))
    store.add_folder(tmp_path / "staged", path, last=MANIFEST_FILE)
    cache = tmp_path / "cache"
    folder = sequence_folder(url, "sequence", "1", made.bundle_sha256, cache)
    store.remove_folder(path, first=MANIFEST_FILE)
    assert sequence_folder(url, "sequence", "1", made.bundle_sha256, cache) == folder
    shutil.rmtree(cache)
    with pytest.raises(BundleNotFoundError):
        sequence_folder(url, "sequence", "1", made.bundle_sha256, cache)
