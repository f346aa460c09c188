"""What `list` shows of a registry."""

from collections.abc import Iterator
from dataclasses import dataclass

from udfs.errors import UdfError
from udfs.registry.reference import Reference
from udfs.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One published version; what a broken manifest hides is None."""

    bundle: str
    latest: bool
    pinned: bool
    created_at: str | None = None
    dim: int | None = None
    recipe: str | None = None
    source: str | None = None
    revision: str | None = None
    bundle_sha256: str | None = None
    min_cosine: float | None = None
    problem: str | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table's row: bundle, created, dimension, recipe, cosine, state."""
        marks = (("latest", self.latest), ("pinned", self.pinned), ("broken", self.problem))
        return (
            self.bundle,
            self.created_at or "",
            str(self.dim or ""),
            self.recipe or "",
            "" if self.min_cosine is None else f"{self.min_cosine:.6f}",
            ", ".join(word for word, holds in marks if holds),
        )


def all_references(registry: Registry) -> list[Reference]:
    """Return every version of every name."""
    return [
        Reference(name, version) for name in registry.names() for version in registry.versions(name)
    ]


def list_versions(registry: Registry, name: str) -> Iterator[ListedVersion]:
    """Yield the versions of a name, oldest first by their manifests, broken ones before those."""
    rows = [_listed(registry, name, version) for version in registry.versions(name)]
    yield from sorted(rows, key=lambda row: (row.created_at or "", row.bundle))


def _listed(registry: Registry, name: str, version: str) -> ListedVersion:
    reference = Reference(name, version)
    pinned = version in registry.pins(name)
    try:
        pointer = registry.latest(name)
        latest = pointer is not None and pointer.version == version
        manifest = registry.manifest(reference)
    except UdfError as error:
        return ListedVersion(str(reference), False, pinned, problem=str(error))
    return ListedVersion(
        bundle=str(reference),
        latest=latest,
        pinned=pinned,
        created_at=manifest.created_at,
        dim=manifest.dim,
        recipe=manifest.recipe,
        source=manifest.source,
        revision=manifest.revision,
        bundle_sha256=manifest.bundle_sha256,
        min_cosine=manifest.parity.min_cosine,
    )
