"""Settings of the Flink function, which can be pickled or passed as job parameters."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from udfs.errors import SettingsError
from udfs.session import Provider

PREFIX = "interestream."
DEFAULT_CACHE_SIZE = 50_000


@dataclass(frozen=True, slots=True)
class EncodeSettings:
    """Settings of `EncodeText`.

    Raises SettingsError for a value that is missing or out of range.
    """

    bundle_dir: str
    """Folder of the bundle, as the workers see it, or a reference to `registry`."""
    mean: bytes = field(repr=False)
    """The space's mean: float32, little-endian, `4 * dim` bytes."""
    threads: int = 0
    """Threads of the model; 0 is one for each core."""
    provider: Provider = "auto"
    """Where the model runs: `cpu`, `cuda` or `auto`."""
    cache_size: int = DEFAULT_CACHE_SIZE
    """Distinct texts whose vectors are kept, about 1 kB each; 0 keeps none."""
    store: str = ""
    """File that keeps vectors across restarts (udfs.vector_store); empty keeps none."""
    bundle_sha256: str = ""
    """Hash of the bundle that the space was built with; others are refused. Empty takes any."""
    registry: str = ""
    """Where workers fetch the bundle from when it is a reference such as `minilm@1`."""
    bundle_cache: str = ""
    """Folder for fetched bundles; empty is the user's cache folder."""

    def __post_init__(self) -> None:
        if not self.bundle_dir:
            raise SettingsError(f"no bundle: set {PREFIX}bundle to a bundle's folder")
        if not self.mean or len(self.mean) % 4:
            raise SettingsError(f"a mean of {len(self.mean)} bytes is not float32 numbers")
        if self.provider not in get_args(Provider):
            raise SettingsError(
                f"provider {self.provider!r}: use one of {', '.join(get_args(Provider))}"
            )
        if self.threads < 0 or self.cache_size < 0:
            raise SettingsError(
                f"threads {self.threads}, cache_size {self.cache_size}: use 0 or more"
            )

    def mean_vector(self) -> NDArray[np.float32]:
        """Return the mean as `(dim,)` float32."""
        return np.frombuffer(self.mean, dtype="<f4").astype(np.float32)


def mean_bytes(mean: NDArray[np.floating]) -> bytes:  # type: ignore[type-arg]
    """Return a mean `(dim,)` as EncodeSettings keeps it: float32, little-endian."""
    return np.asarray(mean, dtype="<f4").tobytes()


def to_job_parameters(settings: EncodeSettings) -> dict[str, str]:
    """Return the settings as entries of Flink's `pipeline.global-job-parameters`.

    Empty settings are left out, since Flink reads no entry without a value.
    """
    entries = {
        "bundle": settings.bundle_dir,
        "mean": b64encode(settings.mean).decode("ascii"),
        "threads": str(settings.threads),
        "provider": settings.provider,
        "cache_size": str(settings.cache_size),
        "store": settings.store,
        "bundle_sha256": settings.bundle_sha256,
        "registry": settings.registry,
        "bundle_cache": settings.bundle_cache,
    }
    return {PREFIX + name: value for name, value in entries.items() if value}


def from_job_parameters(get: Callable[[str, str], str]) -> EncodeSettings:
    """Return settings from job parameters; `get(key, default)` looks one up.

    `interestream.bundle` and `interestream.mean` (base64 of the little-endian float32 numbers)
    must be there, the rest has the defaults of EncodeSettings. Raises SettingsError that names
    the key.
    """
    return EncodeSettings(
        bundle_dir=get(f"{PREFIX}bundle", ""),
        mean=_mean(get(f"{PREFIX}mean", "")),
        threads=_number(get, "threads", 0),
        provider=cast(Provider, get(f"{PREFIX}provider", "auto")),
        cache_size=_number(get, "cache_size", DEFAULT_CACHE_SIZE),
        store=get(f"{PREFIX}store", ""),
        bundle_sha256=get(f"{PREFIX}bundle_sha256", ""),
        registry=get(f"{PREFIX}registry", ""),
        bundle_cache=get(f"{PREFIX}bundle_cache", ""),
    )


def _mean(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except Base64Error as error:
        raise SettingsError(f"{PREFIX}mean is not base64: {error}") from error


def _number(get: Callable[[str, str], str], name: str, default: int) -> int:
    text = get(PREFIX + name, str(default))
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name} is {text!r}: use a whole number") from None
