"""The encoder of a space, opened when something is to be encoded and not before."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.bundles.find import find_bundle
from jobs.config import EncoderSettings
from jobs.errors import ConfigError
from udfs.bundle import Manifest, read_manifest, verify
from udfs.encoder import Encoder
from udfs.space import EncodesTexts, directions
from udfs.vector_store import StoredEncoder


class SpaceEncoder:
    """Texts to vectors of one space."""

    def __init__(
        self,
        connection: psycopg.Connection,
        space_id: int,
        bundle: Path,
        *,
        threads: int = 0,
        store: Path | None = None,
    ) -> None:
        """Raises ConfigError when there is no such space."""
        self.space_id = space_id
        self._bundle = bundle
        self._bundle_sha256, self._mean = _space(connection, space_id)
        self._threads = threads
        self._store = store
        self._encoder: EncodesTexts | None = None

    @classmethod
    def configured(
        cls, connection: psycopg.Connection, space_id: int, settings: EncoderSettings
    ) -> "SpaceEncoder":
        """The encoder that a job is told to use, on all cores.

        Raises ConfigError when there is no such space, or the settings name another's bundle.
        """
        bundle_sha256, _ = _space(connection, space_id)
        folder = find_bundle(settings, bundle_sha256).folder
        return cls(connection, space_id, folder, store=settings.store)

    @property
    def manifest(self) -> Manifest:
        """What the bundle says about itself. Raises udfs.errors.UdfError when it cannot be read,
        and ConfigError when it is not the space's."""
        return self._checked(read_manifest(self._bundle))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Vectors `(n, dim)` of what texts say; zeros for a text that equals the mean.

        Raises udfs.errors.UdfError for a bundle that cannot be used, and ConfigError when it is
        not the space's.
        """
        if self._encoder is None:
            self._checked(verify(self._bundle))
            encoder = Encoder.open(self._bundle, provider="cpu", threads=self._threads)
            self._encoder = StoredEncoder(encoder, self._store) if self._store else encoder
        return directions(self._encoder.encode(texts, "document"), self._mean)[0]

    def _checked(self, manifest: Manifest) -> Manifest:
        if manifest.bundle_sha256 != self._bundle_sha256:
            raise ConfigError(
                f"space {self.space_id} was built with the bundle {self._bundle_sha256[:12]}, "
                f"{self._bundle} is {manifest.bundle_sha256[:12]}: name the space's bundle"
            )
        return manifest


def _space(connection: psycopg.Connection, space_id: int) -> tuple[str, NDArray[np.float32]]:
    row = connection.execute(
        "SELECT bundle_sha256, mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
    ).fetchone()
    if row is None:
        raise ConfigError(f"there is no embedding space {space_id}: see `interestream space list`")
    return row[0], np.array(row[1], dtype=np.float32)
