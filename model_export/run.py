"""One run of the export as a schedule starts it: lock, compare, build, publish, clean up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from model_export.errors import ExportError
from model_export.provenance import (
    PROVENANCE_FILE,
    Provenance,
    changes,
    provenance_from_json,
    settings_of,
    tool_versions,
)
from model_export.publishing.lock import export_lock
from model_export.publishing.prune import InUse, Plan, plan_prune, prune, spaces_in_use
from model_export.publishing.publish import publish
from model_export.recipes.tuning import Tuning
from model_export.source.find import PACKAGED, ResolvedSource, find_source
from model_export.source.overrides import EncodingOverrides
from udfs.bundle import Manifest
from udfs.errors import UdfError
from udfs.registry.folder_store import FolderStore
from udfs.registry.reference import LATEST, Reference
from udfs.registry.registry import Registry

FIRST = "nothing of this name was published yet"
UNREADABLE = "the latest version cannot be used"


@dataclass(frozen=True, slots=True)
class Order:
    """What to export, and how."""

    source: str
    revision: str | None
    name: str | None
    version: str | None
    """None makes one of the time and the bundle's hash."""
    recipe: str
    overrides: EncodingOverrides
    if_changed: bool = False
    keep: int | None = None
    """Newest versions to leave; None removes nothing."""
    dsn: str = field(default="", repr=False)
    """Database whose spaces keep versions from removal."""
    tuning: Tuning = Tuning()  # noqa: RUF009


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did."""

    reference: Reference
    """The version that is the latest now."""
    published: bool
    changes: tuple[str, ...]
    """Why it had something to do; empty where that was not asked."""
    removed: tuple[Reference, ...]
    notes: tuple[str, ...]
    """What a person should know beside."""


def run_export(
    order: Order,
    registry: Registry,
    on_step: Callable[[str], None] = lambda step: None,
    on_progress: Callable[[str], None] = lambda what: None,
    on_report: Callable[[Table], None] = lambda table: None,
) -> Result:
    """Export and publish what was ordered, or find that nothing has changed.

    `on_step` is told each step by its name, `on_progress` what happens within it, `on_report`
    what was measured, also when nothing was good enough.
    Raises ExportRunningError when another export of the name runs, ParityError when the gate
    does not hold, and the other errors of `model_export.errors` and `udfs.errors`; the registry
    then is as it was.
    """
    on_step("find")
    found = find_source(order.source, order.revision)
    name = order.name or default_name(order.source, found.name)
    notes = []
    with export_lock(registry, name) as lock:
        if lock.taken_over_from is not None:
            notes.append(f"took over the lock of an export that died: {lock.taken_over_from}")
        why = _changes(registry, name, found, order) if order.if_changed else []
        published = not order.if_changed or bool(why)
        if published:
            reference = _make(
                order, registry, name, found, lock.require, on_step, on_progress, on_report
            )
        else:
            reference = registry.exact(Reference(name, LATEST))
        plan = _clean_up(registry, name, order)
        if order.keep is not None and not order.dsn:
            notes.append("no database was asked which versions its spaces use (INTERESTREAM_DSN)")
    return Result(reference, published, tuple(why), plan.removed, tuple(notes))


def default_name(source: str, model: str) -> str:
    """A bundle's name from its model's.

    >>> default_name("intfloat/Multilingual-E5-small", "intfloat/Multilingual-E5-small")
    'multilingual-e5-small'
    """
    from model_export.ensure import DEFAULT_NAME  # noqa: PLC0415

    if source == PACKAGED:
        return DEFAULT_NAME
    return re.sub(r"[^a-z0-9._-]+", "-", model.rpartition("/")[2].lower()).strip("-._")


def _changes(registry: Registry, name: str, found: ResolvedSource, order: Order) -> list[str]:
    """What differs from the provenance of the latest version."""
    pointer = registry.latest(name)
    if pointer is None:
        return [FIRST]
    latest = Reference(name, pointer.version)
    problems = registry.problems(latest)
    if problems:
        return [f"{UNREADABLE}: {problems[0]}"]
    try:
        raw = registry.store.read(f"{name}/{pointer.version}/{PROVENANCE_FILE}")
    except FileNotFoundError:
        return [f"{latest} does not say what went into it"]
    old = provenance_from_json(raw)
    if old is None:
        return [f"{latest} says what went into it in another form"]
    # Files of a repository are not here yet; its commit stands for them.
    files = found.source.files if found.source else old.files
    settings = settings_of(order.recipe, order.overrides, order.tuning)
    return changes(old, Provenance(found.name, found.revision, files, settings, tool_versions()))


def _make(
    order: Order,
    registry: Registry,
    name: str,
    found: ResolvedSource,
    require_lock: Callable[[], None],
    on_step: Callable[[str], None],
    on_progress: Callable[[str], None],
    on_report: Callable[[Table], None],
) -> Reference:
    # torch takes seconds to import: after the checks, with something on the screen.
    on_step("prepare")
    from model_export.build import make_bundle, timed_version  # noqa: PLC0415

    def version_of(manifest: Manifest) -> str:
        return order.version or timed_version(manifest)

    with TemporaryDirectory(prefix=".export-", dir=_workspace(registry)) as workspace:
        staged = make_bundle(
            found.local(),
            Path(workspace),
            name,
            version_of,
            on_step,
            on_progress,
            recipe=order.recipe,
            overrides=order.overrides,
            tuning=order.tuning,
            on_report=on_report,
        )
        on_step("publish")
        require_lock()
        return publish(staged, registry)


def _workspace(registry: Registry) -> Path | None:
    """Beside a folder's bundles there is room for one more; None is the system's place."""
    if not isinstance(registry.store, FolderStore):
        return None
    registry.store.root.mkdir(parents=True, exist_ok=True)
    return registry.store.root


def _clean_up(registry: Registry, name: str, order: Order) -> Plan:
    if order.keep is None:
        return Plan((), ())
    try:
        in_use = spaces_in_use(order.dsn) if order.dsn else InUse()
        plan = plan_prune(registry, name, order.keep, in_use)
        prune(registry, plan)
    except (UdfError, OSError) as error:
        raise ExportError(f"published, but old versions were not removed: {error}") from error
    return plan
