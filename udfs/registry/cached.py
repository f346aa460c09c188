"""Bundles that this machine has fetched before, for when their registry cannot be reached."""

import contextlib
import os
from pathlib import Path

from udfs.bundle import verify
from udfs.errors import UdfError


def cached_bundle(cache: Path, name: str, bundle_sha256: str) -> Path | None:
    """Return a fetched bundle of a name that gives the vectors of `bundle_sha256`; None without.

    Every hash is checked, so it is the bundle itself, whatever the registry would say now.
    """
    # The cache holds MANIFEST/NAME/VERSION.
    for folder in sorted(cache.glob(f"*/{name}/*")):
        try:
            if verify(folder).bundle_sha256 == bundle_sha256:
                # The time of its last use, for those who tidy up the cache.
                with contextlib.suppress(OSError):
                    os.utime(folder)
                return folder
        except UdfError:
            continue
    return None
