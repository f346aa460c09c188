"""Published sequence models: where they are in a registry, and how they come from there."""

from pathlib import Path

from udfs.bundle import MANIFEST_FILE
from udfs.errors import BundleNotFoundError, BundleTamperedError, UdfError
from udfs.registry.reference import Reference, require_name
from udfs.registry.registry import default_cache, open_registry
from udfs.sequence.bundle import SequenceManifest, manifest_from_json, verify_sequence

FOLDER = "sequence-models"
"""Folder of a registry that holds them, apart from encoders: `FOLDER/NAME/VERSION`."""


def sequence_path(reference: Reference) -> str:
    """Where a version is within its registry."""
    require_name(reference.name)
    require_name(reference.version)
    return f"{FOLDER}/{reference.name}/{reference.version}"


def read_published(registry: str | Path, reference: Reference) -> SequenceManifest:
    """Read the manifest of a version, without hashing its files.

    Raises BundleNotFoundError where there is none, and ManifestError.
    """
    store = open_registry(registry).store
    try:
        return manifest_from_json(store.read(f"{sequence_path(reference)}/{MANIFEST_FILE}"))
    except (FileNotFoundError, NotADirectoryError):
        raise BundleNotFoundError(f"no sequence model {reference} in {store.url}") from None


def published_versions(registry: str | Path, name: str) -> list[str]:
    """Return the versions of a name, sorted, which is by time."""
    require_name(name)
    store = open_registry(registry).store
    return [
        version
        for version in store.folders(f"{FOLDER}/{name}")
        if MANIFEST_FILE in store.files(f"{FOLDER}/{name}/{version}")
    ]


def sequence_folder(
    registry: str | Path, name: str, version: str, bundle_sha256: str, cache: Path | None = None
) -> Path:
    """Return a verified local folder of a version, a copy in `cache` where it must be.

    A copy that was fetched before is taken without asking the registry. Raises RegistryError,
    BundleNotFoundError, and BundleTamperedError where the version is not that of `bundle_sha256`.
    """
    reference = Reference(name, version)
    copies = (cache or default_cache()) / FOLDER / bundle_sha256
    kept = copies / sequence_path(reference)
    try:
        if verify_sequence(kept).bundle_sha256 == bundle_sha256:
            return kept
    except UdfError:
        pass
    store = open_registry(registry).store
    manifest = read_published(registry, reference)
    if manifest.bundle_sha256 != bundle_sha256:
        raise BundleTamperedError(
            f"sequence model {reference} in {store.url} is {manifest.bundle_sha256},"
            f" {bundle_sha256} was published"
        )
    folder = store.local(sequence_path(reference), copies)
    verify_sequence(folder)
    return folder
