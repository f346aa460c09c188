"""Published bundles by name and version, each verified before it is used."""

import contextlib
import hashlib
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import platformdirs

from udfs.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    Manifest,
    manifest_from_json,
    verify,
)
from udfs.errors import (
    BundleNotFoundError,
    BundleTamperedError,
    RegistryError,
    RegistryUnreachableError,
    UdfError,
)
from udfs.registry.cached import cached_bundle
from udfs.registry.folder_store import FolderStore
from udfs.registry.reference import LATEST, Reference, is_reference, parse_reference, require_name
from udfs.registry.store import Store

POINTER_FILE = "latest.json"
PINS = ".pins"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version is the latest, and the hash of its manifest."""

    version: str
    manifest_sha256: str
    published_at: str
    """RFC 3339, UTC."""


def default_cache() -> Path:
    """Return the folder of this machine for bundles fetched from object stores."""
    return Path(platformdirs.user_cache_dir("interestream")) / "bundles"


class Registry:
    """`NAME/VERSION/` with a bundle in each, and `NAME/latest.json` beside them.

    A version exists when its manifest does, which is written after all other files.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def names(self) -> list[str]:
        """Return the names that have at least one version, sorted."""
        return [name for name in self.store.folders() if self.versions(name)]

    def versions(self, name: str) -> list[str]:
        """Return the versions of a name, sorted; those without a manifest (yet) are left out."""
        require_name(name)
        return [
            version
            for version in self.store.folders(name)
            if MANIFEST_FILE in self.store.files(f"{name}/{version}")
        ]

    def latest(self, name: str) -> Pointer | None:
        """Return the pointer to the latest version; None where nothing was published.

        Raises RegistryError when the pointer cannot be read.
        """
        require_name(name)
        try:
            return Pointer(**orjson.loads(self.store.read(f"{name}/{POINTER_FILE}")))
        except FileNotFoundError:
            return None
        except (orjson.JSONDecodeError, TypeError) as error:
            raise RegistryError(
                f"{self.store.url}/{name}/{POINTER_FILE} cannot be read ({error}); publish again, "
                "or name a version"
            ) from error

    def point(self, name: str, pointer: Pointer) -> None:
        """Make a version the latest, in one step."""
        self.store.write(f"{name}/{POINTER_FILE}", orjson.dumps(asdict(pointer)) + b"\n")

    def exact(self, reference: Reference) -> Reference:
        """Return the reference with `latest` replaced by the version that it is now.

        Raises BundleNotFoundError when there is none.
        """
        if reference.version != LATEST:
            return reference
        pointer = self.latest(reference.name)
        if pointer is None:
            raise BundleNotFoundError(
                f"no {reference.name} in {self.store.url}: publish one with "
                f"`python -m model_export --registry {self.store.url} --name {reference.name}`"
            )
        return Reference(reference.name, pointer.version)

    def manifest(self, reference: Reference) -> Manifest:
        """Return the manifest of a version, without hashing its files.

        Raises BundleNotFoundError, ManifestError, or BundleTamperedError when it is not the
        manifest that the pointer was written for, or not that of this name and version.
        """
        return self._manifest(reference)[0]

    def _manifest(self, reference: Reference) -> tuple[Manifest, str]:
        """Return the manifest, and sha256 (hex) of its bytes."""
        exact = self.exact(reference)
        try:
            raw = self.store.read(f"{exact.name}/{exact.version}/{MANIFEST_FILE}")
        except (FileNotFoundError, NotADirectoryError):
            there = ", ".join(self.versions(exact.name)) or "nothing"
            raise BundleNotFoundError(
                f"no {exact} in {self.store.url}, which has {there}"
            ) from None
        manifest, found = manifest_from_json(raw), hashlib.sha256(raw).hexdigest()
        if (manifest.name, manifest.version) != (exact.name, exact.version):
            raise BundleTamperedError(
                f"{self.store.url} has {manifest.name}@{manifest.version} in the place of {exact}"
            )
        pointer = self.latest(exact.name)
        if pointer and pointer.version == exact.version and pointer.manifest_sha256 != found:
            raise BundleTamperedError(
                f"the manifest of {exact} in {self.store.url} is {found}, "
                f"{pointer.manifest_sha256} was published: publish again, or name another version"
            )
        return manifest, found

    def problems(self, reference: Reference) -> list[str]:
        """Return what is wrong with a version after hashing all its files; empty if nothing is."""
        try:
            manifest = self.manifest(reference)
        except UdfError as error:
            return [str(error)]
        folder = f"{manifest.name}/{manifest.version}"
        there = {*self.store.files(folder)} - {MANIFEST_FILE}
        wanted = dict.fromkeys((MODEL_FILE, TOKENIZER_FILE), "nothing") | dict(manifest.files)
        problems = [f"{file} is not in the manifest" for file in sorted(there - wanted.keys())]
        for file, sha256 in sorted(wanted.items()):
            found = self.store.sha256(f"{folder}/{file}") if file in there else "nothing"
            if found != sha256:
                problems.append(f"{file}: found {found}, the manifest says {sha256}")
        return problems

    def folder(self, reference: Reference, cache: Path | None = None) -> Path:
        """Return a folder on this machine with the bundle, after checking every hash.

        A bundle of an object store is fetched into `cache` once. Raises what `manifest` raises,
        and BundleTamperedError when a file does not fit.
        """
        manifest, found = self._manifest(reference)
        # Bundles of one name in two registries differ: the manifest's hash keeps them apart.
        place = (cache or default_cache()) / found[:16]
        kept = place / manifest.name / manifest.version
        try:
            if verify(kept) == manifest:
                # The time of its last use, for those who tidy up the cache.
                with contextlib.suppress(OSError):
                    os.utime(kept)
                return kept
        except UdfError:
            pass
        folder = self.store.local(f"{manifest.name}/{manifest.version}", place)
        if verify(folder) != manifest:
            raise BundleTamperedError(f"{reference} changed while it was fetched: try again")
        return folder

    def pins(self, name: str) -> list[str]:
        """Return the versions that were pinned, sorted."""
        require_name(name)
        return self.store.files(f"{name}/{PINS}")

    def pin(self, reference: Reference) -> None:
        """Keep a version, whatever its age.

        Raises what `manifest` raises.
        """
        exact = self.exact(reference)
        self.manifest(exact)
        self.store.write(f"{exact.name}/{PINS}/{exact.version}", b"pinned\n")

    def unpin(self, reference: Reference) -> None:
        """Remove the pin of a version, if it has one."""
        exact = self.exact(reference)
        self.store.remove(f"{exact.name}/{PINS}/{exact.version}")


def open_registry(url: str | Path) -> Registry:
    """Open the registry at a folder's path or at a URL such as `s3://bucket/bundles`.

    Raises RegistryError for an empty URL, or when the URL's file system is not installed.
    """
    text = str(url)
    if not text:
        raise RegistryError("no registry: give --registry, or set INTERESTREAM_REGISTRY")
    if text.startswith("file://"):
        text = text.removeprefix("file://")
    if "://" not in text:
        return Registry(FolderStore(Path(text)))
    # Imported here, since only object stores need fsspec.
    try:
        from udfs.registry.object_store import ObjectStore  # noqa: PLC0415
    except ImportError as error:
        raise RegistryError(f"{error}; run: pip install 'interestream[job]'") from error
    return Registry(ObjectStore(text))


def local_bundle(
    bundle: str | Path, registry: str = "", cache: Path | None = None, bundle_sha256: str = ""
) -> Path:
    """Return a bundle's folder, which `bundle` is, or refers to as `minilm@latest` does.

    While the registry does not answer, a bundle of that name and of `bundle_sha256` that was
    fetched before is returned, if that hash is given. Raises RegistryError for a reference without
    a registry, RegistryUnreachableError, and the errors of `Registry.folder`.
    """
    text = str(bundle)
    if not is_reference(text) or Path(text).is_dir():
        return Path(bundle)
    reference = parse_reference(text)
    try:
        return open_registry(registry).folder(reference, cache)
    except RegistryUnreachableError as error:
        kept = bundle_sha256 and cached_bundle(
            cache or default_cache(), reference.name, bundle_sha256
        )
        if not kept:
            raise
        _logger.warning("%s; going on with the copy in %s", error, kept)
        return kept
