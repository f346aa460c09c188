"""One encoder for all functions of a worker process: a model in memory once, not once a call."""

from __future__ import annotations

import threading

from udfs.encoder import Encoder
from udfs.errors import BundleTamperedError
from udfs.settings import EncodeSettings

# Lives as long as the worker process and holds one encoder per bundle and way to run it.
_encoders: dict[tuple[str, str, int], Encoder] = {}
_lock = threading.Lock()


def shared_encoder(settings: EncodeSettings) -> Encoder:
    """The process's encoder for these settings, opened at the first call.

    Raises what `Encoder.open` raises, and BundleTamperedError when the bundle is not the one
    of `settings.bundle_sha256`.
    """
    key = (settings.bundle_dir, settings.provider, settings.threads)
    with _lock:
        if key not in _encoders:
            _encoders[key] = Encoder.open(
                settings.bundle_dir, provider=settings.provider, threads=settings.threads
            )
        encoder = _encoders[key]
    found = encoder.manifest.bundle_sha256
    if settings.bundle_sha256 not in ("", found):
        raise BundleTamperedError(
            f"the bundle at {settings.bundle_dir} is {found}, the space was built with "
            f"{settings.bundle_sha256}: point to that bundle, or build a space with this one"
        )
    return encoder
