"""Put a finished bundle into a registry, whole or not at all, and make it the latest."""

from datetime import UTC, datetime
from pathlib import Path

from model_export.errors import BundleExistsError
from udfs.bundle import MANIFEST_FILE, sha256_of_file, verify
from udfs.registry.reference import LATEST, Reference, require_name
from udfs.registry.registry import Pointer, Registry


def bundle_path(out: Path, name: str, version: str) -> Path:
    """Return where a bundle of this name and version is in a registry that is a folder."""
    return out / name / version


def publish(staged: Path, registry: Registry) -> Reference:
    """Copy a bundle to its place in the registry, point `latest` to it, and return its reference.

    A bundle of this name and version that gives the same vectors is kept; one that does not fit
    its own manifest is replaced. Raises BundleExistsError when there is a different one, and the
    errors of `udfs.bundle.verify` when the staged one does not fit its manifest.
    """
    manifest = verify(staged)
    reference = Reference(manifest.name, manifest.version)
    require_version(reference)
    folder = f"{reference.name}/{reference.version}"
    manifest_sha256 = sha256_of_file(staged / MANIFEST_FILE)
    try:
        registry.store.add_folder(staged, folder, last=MANIFEST_FILE)
    except FileExistsError:
        if registry.problems(reference):
            registry.store.remove_folder(folder, first=MANIFEST_FILE)
            registry.store.add_folder(staged, folder, last=MANIFEST_FILE)
        elif registry.manifest(reference).bundle_sha256 != manifest.bundle_sha256:
            raise BundleExistsError(
                f"{reference} in {registry.store.url} is another bundle, and published ones do "
                "not change: choose a new --version"
            ) from None
        else:
            manifest_sha256 = registry.store.sha256(f"{folder}/{MANIFEST_FILE}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    registry.point(reference.name, Pointer(reference.version, manifest_sha256, now))
    return reference


def require_version(reference: Reference) -> None:
    """Raise RegistryError or BundleExistsError unless a bundle may have this name and version."""
    require_name(reference.name)
    require_name(reference.version)
    if reference.version == LATEST:
        raise BundleExistsError(f"no version can be called {LATEST}: choose another --version")
