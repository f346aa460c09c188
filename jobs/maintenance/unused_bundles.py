"""Removes fetched bundles from the cache of this machine that nobody uses any more."""

import contextlib
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import psycopg

from jobs.maintenance.disk import size_bytes
from jobs.maintenance.outcome import Removed
from udfs.bundle import MANIFEST_FILE, manifest_from_json
from udfs.errors import UdfError


def bundles_of_spaces(db: psycopg.Connection) -> set[str]:
    """The `bundle_sha256` of every space."""
    return {sha for (sha,) in db.execute("SELECT bundle_sha256 FROM interestream.spaces")}


def remove_unused_bundles(
    cache: Path, before_s: float, in_use: Collection[str], *, dry_run: bool = False
) -> Removed:
    """Remove bundles below `cache` (`HASH/NAME/VERSION`) that were last opened before `before_s`.

    Those whose `bundle_sha256` is `in_use` stay. Raises OSError where one cannot be removed. One
    that is gone is fetched again when it is asked for.
    """
    names, freed = [], 0
    for bundle in _bundles(cache):
        if bundle.stat().st_mtime >= before_s or _sha256(bundle) in in_use:
            continue
        names.append("/".join(bundle.parts[-2:]))
        freed += size_bytes(bundle)
        if not dry_run:
            # Without its manifest it is no bundle: half a folder is fetched again.
            (bundle / MANIFEST_FILE).unlink(missing_ok=True)
            shutil.rmtree(bundle)
            for empty in bundle.parents[:2]:
                with contextlib.suppress(OSError):
                    empty.rmdir()
    return Removed(len(names), "bundles", tuple(names), freed)


def _bundles(cache: Path) -> Iterator[Path]:
    # Names that begin with a dot are downloads on their way, or what a killed one has left.
    yield from (path for path in sorted(cache.glob("*/*/*")) if path.is_dir())


def _sha256(bundle: Path) -> str:
    try:
        return manifest_from_json((bundle / MANIFEST_FILE).read_bytes()).bundle_sha256
    except (OSError, UdfError):
        return ""
