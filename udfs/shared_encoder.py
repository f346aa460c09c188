"""One encoder for all functions of a worker process, so that the model is in memory once."""

import threading
from pathlib import Path

from udfs.encoder import Encoder
from udfs.errors import BundleTamperedError
from udfs.registry.registry import local_bundle
from udfs.settings import EncodeSettings
from udfs.vector_store import StoredEncoder

# Lives as long as the worker process: one encoder for each bundle and way to run it.
_encoders: dict[tuple[str, str, str, int, str], Encoder | StoredEncoder] = {}
_lock = threading.Lock()


def shared_encoder(settings: EncodeSettings) -> Encoder | StoredEncoder:
    """Return the process's encoder for these settings, opened at the first call.

    Raises what `Encoder.open` raises, and BundleTamperedError when the bundle is not the one
    of `settings.bundle_sha256`.
    """
    key = (
        settings.registry,
        settings.bundle_dir,
        settings.provider,
        settings.threads,
        settings.store,
    )
    with _lock:
        if key not in _encoders:
            cache = Path(settings.bundle_cache) if settings.bundle_cache else None
            folder = local_bundle(
                settings.bundle_dir, settings.registry, cache, settings.bundle_sha256
            )
            encoder = Encoder.open(folder, provider=settings.provider, threads=settings.threads)
            _encoders[key] = (
                StoredEncoder(encoder, Path(settings.store)) if settings.store else encoder
            )
        found_encoder = _encoders[key]
    found = found_encoder.manifest.bundle_sha256
    if settings.bundle_sha256 not in ("", found):
        raise BundleTamperedError(
            f"the bundle at {settings.bundle_dir} is {found}, the space was built with "
            f"{settings.bundle_sha256}: point to that bundle, or build a space with this one"
        )
    return found_encoder
