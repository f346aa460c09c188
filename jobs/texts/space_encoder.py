"""The encoder of a space. The model is loaded at the first encoding, not before."""

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
    """Encodes texts to vectors of one space."""

    def __init__(
        self,
        connection: psycopg.Connection,
        space_id: int,
        bundle: Path,
        *,
        threads: int = 0,
        store: Path | None = None,
    ) -> None:
        """Read the space's mean and bundle hash; raises ConfigError when there is no such space.

        `threads` 0 means all cores; the file `store` keeps vectors of texts for later runs.
        """
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
        """Make the encoder that a job with these settings uses, on all cores.

        Raises ConfigError when there is no such space, or the settings name another bundle than
        the space's; udfs.errors.UdfError for a bundle that is not in the registry.
        """
        bundle_sha256, _ = _space(connection, space_id)
        folder = find_bundle(settings, bundle_sha256).folder
        return cls(connection, space_id, folder, store=settings.store)

    @property
    def manifest(self) -> Manifest:
        """The bundle's manifest.

        Raises udfs.errors.UdfError when it cannot be read, and ConfigError when the bundle is not
        the space's.
        """
        return self._checked(read_manifest(self._bundle))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Encode n texts as documents to `(n, dim)` float16 rows of L2 norm 1.

        A text whose vector equals the mean has no direction and gets zeros.

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
