"""The encoder of the space that answers, loaded at the first request and kept."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.config import EncoderSettings
from jobs.errors import InterestreamError
from udfs.errors import UdfError


class NoEncoderError(InterestreamError):
    """Texts cannot be encoded here; the message says why and what to do."""


class SpaceBundle:
    """Encodes texts as queries with the bundle of a space; several threads may call it.

    It holds one encoder, and another one after the spaces were switched.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: tuple[str, EncoderOfQueries] | None = None

    def encode(self, bundle_sha256: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(len(texts), dim)` float32, rows of L2 norm 1, with the query prompt.

        Raises NoEncoderError.
        """
        return self._encoder(bundle_sha256).encode(texts)

    def languages(self, bundle_sha256: str) -> tuple[str, ...]:
        """The languages that the encoder reads; empty where its manifest does not say.

        Raises NoEncoderError.
        """
        return self._encoder(bundle_sha256).languages

    def _encoder(self, bundle_sha256: str) -> "EncoderOfQueries":
        with self._lock:
            if self._opened is None or self._opened[0] != bundle_sha256:
                self._opened = (bundle_sha256, EncoderOfQueries(self._settings, bundle_sha256))
            return self._opened[1]


class EncoderOfQueries:
    """One opened bundle."""

    def __init__(self, settings: EncoderSettings, bundle_sha256: str) -> None:
        """Find and open the bundle. Raises NoEncoderError."""
        try:
            # An ordinary `serve` answers without these packages.
            from jobs.bundles.find import find_bundle  # noqa: PLC0415
            from udfs.encoder import Encoder  # noqa: PLC0415
        except ImportError as error:
            raise NoEncoderError(
                f"requests in words need an encoder, and {error.name} is missing: run `pip install"
                " 'interestream[ask]'`"
            ) from error
        try:
            bundle = find_bundle(settings, bundle_sha256)
            self._encoder = Encoder.open(
                bundle.folder, provider=settings.provider, threads=settings.threads
            )
        except (UdfError, InterestreamError, OSError) as error:
            raise NoEncoderError(
                f"requests in words need the bundle of the space: {error} (name it with"
                " --set encoder.bundle=... and --set encoder.registry=...)"
            ) from error
        found = self._encoder.manifest.bundle_sha256
        if found != bundle_sha256:
            raise NoEncoderError(
                f"{bundle.folder} is the bundle {found[:12]}, the space was built with"
                f" {bundle_sha256[:12]}: name that one with --set encoder.bundle=..."
            )
        self.languages = tuple(self._encoder.manifest.languages)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, `(len(texts), dim)`."""
        return self._encoder.encode(texts, "query")
