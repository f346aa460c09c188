"""Which bundle a job runs: from its configuration and the bundle of its space."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.bundles.find import find_bundle
from jobs.config import EncoderSettings, load_config
from jobs.errors import ConfigError
from jobs.runtime.processes import free_port
from model_export.publishing.publish import publish
from tests.udfs.builders import tiny_bundle, write_manifest
from udfs.bundle import MODEL_FILE, hash_files, read_manifest
from udfs.errors import BundleTamperedError, RegistryUnreachableError
from udfs.registry.reference import Reference
from udfs.registry.registry import Registry, open_registry


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """A registry of tiny@1 and tiny@2; the latest is tiny@2."""
    memory = f"memory://job-{tmp_path.name}"
    found = open_registry(tmp_path / "registry" if request.param == "folder" else memory)
    for version in ("1", "2"):
        folder = tiny_bundle(tmp_path / f"staged-{version}")
        (folder / MODEL_FILE).write_bytes(version.encode())
        changed = replace(read_manifest(folder), version=version, files=hash_files(folder))
        write_manifest(folder, changed)
        publish(folder, found)
    return found


def settings(registry: Registry, bundle: str, tmp_path: Path) -> EncoderSettings:
    return EncoderSettings(
        bundle=Path(bundle), registry=registry.store.url, bundle_cache=tmp_path / "cache"
    )


def sha256_of(registry: Registry, version: str) -> str:
    return registry.manifest(Reference("tiny", version)).bundle_sha256


@pytest.mark.parametrize(
    ("reference", "built_with"),
    [("tiny@1", "1"), ("tiny@2", "2"), ("tiny@latest", "2"), ("tiny@space", "1")],
)
def test_a_reference_resolves_to_a_verified_folder(registry, tmp_path, reference, built_with):
    found = find_bundle(settings(registry, reference, tmp_path), sha256_of(registry, built_with))
    assert read_manifest(found.folder).version == built_with
    workers_fetch = registry.store.url.startswith("memory://")
    assert found.for_workers == (f"tiny@{built_with}" if workers_fetch else str(found.folder))


def test_a_newer_latest_than_the_spaces_bundle_is_refused_with_what_to_do(registry, tmp_path):
    with pytest.raises(ConfigError, match=r"tiny@latest is tiny@2 .*use tiny@space"):
        find_bundle(settings(registry, "tiny@latest", tmp_path), sha256_of(registry, "1"))


def test_a_space_whose_bundle_was_never_published_is_an_error(registry, tmp_path):
    with pytest.raises(ConfigError, match=r"no version of tiny .* \(ffffffffffff\)"):
        find_bundle(settings(registry, "tiny@space", tmp_path), "f" * 64)


def test_while_the_registry_does_not_answer_the_copy_of_this_machine_is_taken(tmp_path):
    registry = open_registry(f"memory://job-{tmp_path.name}")
    publish(tiny_bundle(tmp_path / "staged"), registry)
    wanted = sha256_of(registry, "1")
    # Fetched as another reference, from a registry that has moved since.
    cached = registry.folder(Reference("tiny", "1"), tmp_path / "cache")
    away = f"ftp://127.0.0.1:{free_port()}/bundles"
    asked = settings(registry, "tiny@space", tmp_path).model_copy(update={"registry": away})
    found = find_bundle(asked, wanted)
    assert (found.folder, found.for_workers) == (cached, "tiny@1")
    with pytest.raises(RegistryUnreachableError, match=f"at {away} does not answer .*refused"):
        find_bundle(asked, "f" * 64)


def test_a_tampered_bundle_does_not_start_a_job(registry, tmp_path):
    sha256 = sha256_of(registry, "2")
    registry.store.write(f"tiny/2/{MODEL_FILE}", b"tampered")
    with pytest.raises(BundleTamperedError, match=MODEL_FILE):
        find_bundle(settings(registry, "tiny@2", tmp_path), sha256)


def test_a_folder_is_used_as_it_is(tmp_path):
    found = find_bundle(EncoderSettings(bundle=tmp_path / "some" / "bundle"), "any")
    assert (found.folder, found.for_workers) == (
        tmp_path / "some" / "bundle",
        str(tmp_path / "some" / "bundle"),
    )


def test_the_environment_may_name_the_registry(monkeypatch):
    monkeypatch.setenv("INTERESTREAM_REGISTRY", "s3://bucket/bundles")
    assert load_config().encoder.registry == "s3://bucket/bundles"
    assert load_config(None, ["encoder.registry=here"]).encoder.registry == "here"
