"""The encoder bundle that a job runs: a folder, or what a reference to a registry stands for."""

from dataclasses import dataclass
from pathlib import Path

from jobs.config import EncoderSettings
from jobs.errors import ConfigError
from udfs.bundle import read_manifest
from udfs.registry.folder_store import FolderStore
from udfs.registry.reference import Reference, is_reference, parse_reference
from udfs.registry.registry import Registry, open_registry

OF_SPACE = "space"
"""The version in `NAME@space`: the one that the space was built with."""


@dataclass(frozen=True)
class JobBundle:
    """A bundle that fits the space."""

    folder: Path
    """On this machine."""
    for_workers: str
    """What the workers open: the folder, or a reference that they fetch for themselves."""


def find_bundle(settings: EncoderSettings, bundle_sha256: str) -> JobBundle:
    """Find, verify and if need be fetch the bundle of a space that `bundle_sha256` belongs to.

    Raises ConfigError when the reference stands for another bundle, and udfs.errors.UdfError for
    one that is not there or does not fit its manifest. A folder is left to the workers to judge.
    """
    text = str(settings.bundle)
    if not is_reference(text) or settings.bundle.is_dir():
        folder = settings.bundle.absolute()
        return JobBundle(folder, str(folder))
    registry = open_registry(settings.registry)
    reference = parse_reference(text)
    if reference.version == OF_SPACE:
        reference = _of_space(registry, reference.name, bundle_sha256)
    exact = registry.exact(reference)
    folder = registry.folder(exact, settings.bundle_cache).absolute()
    found = read_manifest(folder).bundle_sha256
    if found != bundle_sha256:
        raise ConfigError(
            f"encoder.bundle {text} is {exact} ({found[:12]}), the space was built with "
            f"{bundle_sha256[:12]}: say {reference.name}@{OF_SPACE} to keep the space's bundle, "
            "or make a space with this one"
        )
    local = isinstance(registry.store, FolderStore)
    return JobBundle(folder, str(folder if local else exact))


def _of_space(registry: Registry, name: str, bundle_sha256: str) -> Reference:
    for version in registry.versions(name):
        reference = Reference(name, version)
        if registry.manifest(reference).bundle_sha256 == bundle_sha256:
            return reference
    raise ConfigError(
        f"no version of {name} in {registry.store.url} is the space's bundle "
        f"({bundle_sha256[:12]}): point encoder.registry to where it was published"
    )
