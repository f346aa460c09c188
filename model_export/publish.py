"""Put a finished bundle where the runtime finds it, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from model_export.errors import BundleExistsError
from udfs.bundle import verify
from udfs.errors import UdfError


def bundle_path(out: Path, name: str, version: str) -> Path:
    """Where a bundle of this name and version stands."""
    return out / name / version


def publish_folder(staged: Path, out: Path) -> Path:
    """Rename a whole bundle to its place under `out`, and return that folder.

    `staged` must be on the file system of `out`. A bundle that already stands there and gives
    the same vectors is kept; one that does not fit its own manifest is replaced. Raises
    BundleExistsError when a different one stands there, and the errors of `udfs.bundle.verify`
    when the staged one does not fit its manifest.
    """
    manifest = verify(staged)
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
