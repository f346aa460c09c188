"""Bundles in a folder and in an object store, behind the same interface."""

from dataclasses import replace
from pathlib import Path

import pytest

from model_export.publishing.publish import publish
from tests.udfs.builders import tiny_bundle, write_manifest
from udfs.bundle import MANIFEST_FILE, MODEL_FILE, hash_files, read_manifest, verify
from udfs.errors import BundleNotFoundError, BundleTamperedError, RegistryError
from udfs.registry.reference import Reference, is_reference, parse_reference
from udfs.registry.registry import POINTER_FILE, Registry, local_bundle, open_registry


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """An empty one."""
    if request.param == "folder":
        return open_registry(tmp_path / "registry")
    return open_registry(f"memory://{tmp_path.name}/bundles")


def staged(folder: Path, version: str = "1", graph: bytes = b"graph") -> Path:
    """A whole bundle that waits to be published."""
    tiny_bundle(folder)
    (folder / MODEL_FILE).write_bytes(graph)
    changed = replace(read_manifest(folder), version=version, files=hash_files(folder))
    write_manifest(folder, changed)
    return folder


@pytest.fixture
def two(registry: Registry, tmp_path: Path) -> Registry:
    """A registry with versions 1 and 2; 2 was published last."""
    for version in ("1", "2"):
        publish(staged(tmp_path / f"staged-{version}", version, version.encode()), registry)
    return registry


def test_names_and_versions_are_listed(two):
    assert two.names() == ["tiny"]
    assert two.versions("tiny") == ["1", "2"]
    assert two.versions("unknown") == []


def test_latest_is_what_was_published_last(two, tmp_path):
    assert two.exact(parse_reference("tiny")) == Reference("tiny", "2")
    publish(tmp_path / "staged-1", two)
    assert two.exact(parse_reference("tiny@latest")) == Reference("tiny", "1")
    assert two.versions("tiny") == ["1", "2"]


def test_a_bundle_comes_as_a_verified_local_folder(two, tmp_path):
    folder = two.folder(parse_reference("tiny@1"), tmp_path / "cache")
    assert (folder / MODEL_FILE).read_bytes() == b"1"
    assert verify(folder) == two.manifest(parse_reference("tiny@1"))


def test_a_bundle_is_fetched_once(two, tmp_path):
    cache = tmp_path / "cache"
    first = two.folder(parse_reference("tiny"), cache)
    before = (first / MODEL_FILE).stat().st_ino
    assert two.folder(parse_reference("tiny"), cache) == first
    assert (first / MODEL_FILE).stat().st_ino == before


def test_a_damaged_copy_is_fetched_again(tmp_path):
    registry = open_registry("memory://registry-damaged/bundles")
    publish(staged(tmp_path / "staged"), registry)
    folder = registry.folder(parse_reference("tiny"), tmp_path / "cache")
    (folder / MODEL_FILE).write_bytes(b"damaged")
    assert registry.folder(parse_reference("tiny"), tmp_path / "cache") == folder
    assert (folder / MODEL_FILE).read_bytes() == b"graph"


def test_a_tampered_file_is_never_handed_out(two, tmp_path):
    two.store.write(f"tiny/2/{MODEL_FILE}", b"tampered")
    with pytest.raises(BundleTamperedError, match=MODEL_FILE):
        two.folder(parse_reference("tiny"), tmp_path / "cache")
    assert MODEL_FILE in two.problems(parse_reference("tiny@2"))[0]
    assert two.problems(parse_reference("tiny@1")) == []


def test_a_file_too_many_and_a_file_too_few_are_problems(two):
    two.store.write("tiny/1/stranger.bin", b"?")
    two.store.remove(f"tiny/2/{MODEL_FILE}")
    assert two.problems(Reference("tiny", "1")) == ["stranger.bin is not in the manifest"]
    (problem,) = two.problems(Reference("tiny", "2"))
    assert problem.startswith(f"{MODEL_FILE}: found nothing, the manifest says ")


def test_a_manifest_put_in_later_with_files_that_fit_is_not_the_latest(two, tmp_path):
    """All of a version rewritten consistently: only the pointer's hash tells."""
    forged = staged(tmp_path / "forged", "2", b"forged")
    for path in forged.iterdir():
        two.store.write(f"tiny/2/{path.name}", path.read_bytes())
    with pytest.raises(BundleTamperedError, match="was published"):
        two.folder(parse_reference("tiny"), tmp_path / "cache")


def test_a_bundle_in_anothers_place_is_refused(two):
    manifest = two.store.read(f"tiny/1/{MANIFEST_FILE}")
    two.store.write(f"tiny/3/{MANIFEST_FILE}", manifest)
    with pytest.raises(BundleTamperedError, match="tiny@1 in the place of tiny@3"):
        two.manifest(Reference("tiny", "3"))


def test_files_without_a_manifest_are_no_version(two, tmp_path):
    two.store.write(f"tiny/3/{MODEL_FILE}", b"half")
    assert two.versions("tiny") == ["1", "2"]
    with pytest.raises(BundleNotFoundError, match="which has 1, 2"):
        two.folder(Reference("tiny", "3"))


def test_half_a_version_gives_way_to_a_whole_one(two, tmp_path):
    two.store.write("tiny/3/left-over.bin", b"half")
    publish(staged(tmp_path / "whole", "3"), two)
    assert two.problems(Reference("tiny", "3")) == []


def test_a_broken_pointer_says_so_and_versions_can_still_be_named(two, tmp_path):
    two.store.write(f"tiny/{POINTER_FILE}", b"{")
    with pytest.raises(RegistryError, match="publish again, or name a version"):
        two.exact(parse_reference("tiny"))


def test_a_pointer_to_a_version_that_is_gone_says_what_is_there(two):
    two.store.remove_folder("tiny/2", first=MANIFEST_FILE)
    with pytest.raises(BundleNotFoundError, match=r"no tiny@2 in .*, which has 1"):
        two.manifest(parse_reference("tiny"))


def test_a_name_without_a_version_names_the_command_that_publishes_one(registry):
    with pytest.raises(BundleNotFoundError, match="python -m model_export --registry"):
        registry.folder(parse_reference("tiny"))


def test_pins_come_and_go(two):
    two.pin(Reference("tiny", "1"))
    assert two.pins("tiny") == ["1"]
    assert two.versions("tiny") == ["1", "2"]
    two.unpin(Reference("tiny", "1"))
    assert two.pins("tiny") == []
    with pytest.raises(BundleNotFoundError):
        two.pin(Reference("tiny", "9"))


@pytest.mark.parametrize("text", ["", "../up", "a/b", ".hidden", "a@b/c", "a@", "a@.b", "a b"])
def test_what_could_leave_the_registry_is_no_reference(text):
    with pytest.raises(RegistryError, match="names no bundle or version"):
        parse_reference(text)
    assert not is_reference(text)


def test_a_job_may_name_a_folder_or_a_reference(two, tmp_path):
    assert local_bundle(tmp_path / "somewhere") == tmp_path / "somewhere"
    found = local_bundle("tiny@1", two.store.url, tmp_path / "cache")
    assert read_manifest(found).version == "1"


def test_a_reference_without_a_registry_says_what_to_set():
    with pytest.raises(RegistryError, match="INTERESTREAM_REGISTRY"):
        local_bundle("tiny@latest")


def test_a_file_system_that_is_not_installed_says_what_installs_it():
    with pytest.raises(RegistryError, match=r"pip install 'interestream\[s3\]'"):
        open_registry("nosuchscheme://bucket/bundles")


def test_a_file_url_is_a_folder(tmp_path):
    assert open_registry(f"file://{tmp_path}").store.url == str(tmp_path)
