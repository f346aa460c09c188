"""Finds the encoder bundle of a job: a folder, or a version in a registry."""

import logging
from dataclasses import dataclass
from pathlib import Path

from jobs.config import EncoderSettings
from jobs.errors import ConfigError
from udfs.bundle import read_manifest
from udfs.errors import RegistryUnreachableError
from udfs.registry.cached import cached_bundle
from udfs.registry.folder_store import FolderStore
from udfs.registry.reference import Reference, is_reference, parse_reference
from udfs.registry.registry import Registry, default_cache, open_registry

_logger = logging.getLogger(__name__)

SPACE_VERSION = "space"
"""The version in `NAME@space`, which names the bundle that the space was built with."""


@dataclass(frozen=True)
class JobBundle:
    """A bundle that fits the space."""

    folder: Path
    """The bundle on this machine."""
    for_workers: str
    """What the workers open: the same folder, or a reference that each worker fetches."""


def find_bundle(settings: EncoderSettings, bundle_sha256: str) -> JobBundle:
    """Find the bundle that `settings` name for a space that was built with `bundle_sha256`.

    A folder is returned unchecked, since it may exist on the workers alone. A reference is
    resolved, fetched if necessary, and verified. While its registry does not answer, the space's
    bundle of that name is taken from the cache of this machine, whatever the version is called.

    Raises ConfigError when the reference resolves to another bundle than the space's, and
    udfs.errors.UdfError when the bundle is not in the registry or does not fit its manifest, or
    when the registry does not answer and the cache does not hold the bundle.
    """
    text = str(settings.bundle)
    if not is_reference(text) or settings.bundle.is_dir():
        folder = settings.bundle.absolute()
        return JobBundle(folder, str(folder))
    reference = parse_reference(text)
    try:
        return _published(settings, reference, bundle_sha256)
    except RegistryUnreachableError as error:
        cache = settings.bundle_cache or default_cache()
        kept = cached_bundle(cache, reference.name, bundle_sha256)
        if kept is None:
            raise
        _logger.warning("%s; going on with the copy in %s", error, kept)
        return JobBundle(kept.absolute(), str(Reference(reference.name, kept.name)))


def _published(settings: EncoderSettings, reference: Reference, bundle_sha256: str) -> JobBundle:
    """The bundle of a reference, as its registry has it."""
    registry = open_registry(settings.registry)
    text = str(settings.bundle)
    if reference.version == SPACE_VERSION:
        reference = _reference_of_space(registry, reference.name, bundle_sha256)
    exact = registry.exact(reference)
    folder = registry.folder(exact, settings.bundle_cache).absolute()
    resolved_sha256 = read_manifest(folder).bundle_sha256
    if resolved_sha256 != bundle_sha256:
        raise ConfigError(
            f"encoder.bundle {text} is {exact} ({resolved_sha256[:12]}), the space was built with"
            f" {bundle_sha256[:12]}: use {reference.name}@{SPACE_VERSION} to keep the space's"
            " bundle, or make a space with this one"
        )
    local = isinstance(registry.store, FolderStore)
    return JobBundle(folder, str(folder if local else exact))


def _reference_of_space(registry: Registry, name: str, bundle_sha256: str) -> Reference:
    for version in registry.versions(name):
        reference = Reference(name, version)
        if registry.manifest(reference).bundle_sha256 == bundle_sha256:
            return reference
    raise ConfigError(
        f"no version of {name} in {registry.store.url} is the space's bundle "
        f"({bundle_sha256[:12]}): set encoder.registry to the one that it was published to"
    )
