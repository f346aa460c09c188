"""Put a finished bundle where the runtime finds it, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from model_export.errors import BundleExistsError
from udfs.bundle import MANIFEST_FILE, Manifest, manifest_to_json, verify
from udfs.errors import UdfError


def bundle_path(out: Path, name: str, version: str) -> Path:
    """Where a bundle of this name and version stands."""
    return out / name / version


def publish(staged: Path, out: Path, manifest: Manifest) -> Path:
    """Write the manifest into `staged` and rename the folder to its place under `out`.

    `staged` must be on the file system of `out`. A bundle that already stands there and gives
    the same vectors is kept; one that does not fit its own manifest is replaced. Returns the
    bundle's folder. Raises BundleExistsError when a different one stands there.
    """
    (staged / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    verify(staged)
    target = bundle_path(out, manifest.name, manifest.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not _is_sound(target):
        target.rename(staged.with_name("replaced"))
    try:
        staged.rename(target)
    except OSError:  # not empty: another export was first
        if not target.exists() or verify(target).bundle_sha256 != manifest.bundle_sha256:
            raise _exists(target) from None
    return target


def _is_sound(folder: Path) -> bool:
    try:
        verify(folder)
    except UdfError:
        return False
    return True


def _exists(target: Path) -> BundleExistsError:
    return BundleExistsError(
        f"{target} holds another bundle, and published ones do not change: choose a new --version"
    )
