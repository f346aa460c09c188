"""Remove old versions from a registry, but none that is in use."""

from collections.abc import Iterator
from dataclasses import dataclass

from model_export.errors import ExportError
from sql.connection import connect
from udfs.bundle import MANIFEST_FILE
from udfs.errors import UdfError
from udfs.registry.reference import LATEST, Reference
from udfs.registry.registry import Registry

BROKEN = ""
"""Creation time of a version whose manifest cannot be read: older than all others."""


@dataclass(frozen=True, slots=True)
class InUse:
    """Bundles that embedding spaces name; a registry need not have them."""

    versions: frozenset[tuple[str, str]] = frozenset()
    """Name and version of each."""
    sha256s: frozenset[str] = frozenset()
    """`bundle_sha256` of each: a version that gives the same vectors is in use, too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that stays, and why."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clean-up keeps and removes, oldest first."""

    kept: tuple[Kept, ...]
    removed: tuple[Reference, ...]


def spaces_in_use(dsn: str) -> InUse:
    """Return the bundles that the rows of `interestream.spaces` name.

    Raises ExportError when the database at `dsn` gives no answer.
    """
    import psycopg  # noqa: PLC0415

    try:
        with connect(dsn, connect_timeout=10) as db:
            rows = db.execute(
                "SELECT bundle_name, bundle_version, bundle_sha256 FROM interestream.spaces"
            ).fetchall()
    except psycopg.Error as error:
        raise ExportError(
            f"the database cannot say which bundles are in use ({error}): nothing was removed"
        ) from error
    return InUse(frozenset((row[0], row[1]) for row in rows), frozenset(row[2] for row in rows))


def plan_prune(registry: Registry, name: str, keep: int, in_use: InUse) -> Plan:
    """Return a plan that keeps the newest `keep` versions of a name and all that are in use.

    In use are the latest, the pinned ones, and those that `in_use` names. Raises ExportError
    when `keep` is not positive.
    """
    if keep < 1:
        raise ExportError(f"keep {keep} versions: use 1 or more")
    pointer = registry.latest(name)
    pins = {*registry.pins(name)}
    versions = sorted(_created(registry, name), reverse=True)
    newest = {version for _, version, _ in versions[:keep]}
    kept, removed = [], []
    for _, version, sha256 in reversed(versions):
        reference = Reference(name, version)
        reasons = [
            (pointer is not None and pointer.version == version, LATEST),
            (version in pins, "pinned"),
            ((name, version) in in_use.versions or sha256 in in_use.sha256s, "of a space"),
            (version in newest, f"among the newest {keep}"),
        ]
        reason = next((reason for holds, reason in reasons if holds), None)
        if reason is None:
            removed.append(reference)
        else:
            kept.append(Kept(reference, reason))
    return Plan(tuple(kept), tuple(removed))


def _created(registry: Registry, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield creation time, version and bundle hash of each version."""
    for version in registry.versions(name):
        try:
            manifest = registry.manifest(Reference(name, version))
        except UdfError:
            yield BROKEN, version, ""
        else:
            yield manifest.created_at, version, manifest.bundle_sha256


def prune(registry: Registry, plan: Plan) -> None:
    """Remove the versions of `plan.removed`.

    A version's manifest goes first, so that the version disappears at once.
    """
    for reference in plan.removed:
        registry.store.remove_folder(f"{reference.name}/{reference.version}", first=MANIFEST_FILE)
