"""One run of the export as a schedule starts it: lock, compare, build, publish, clean up."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from model_export.errors import ExportError
from model_export.listener import SILENT, ExportListener
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
class ExportRequest:
    """What to export, and how."""

    source: str
    """`package`, a model's folder, or ORGANISATION/MODEL of the hub."""
    revision: str | None
    """Commit, tag or branch of the hub's repository; None for its main branch."""
    name: str | None
    """The bundle's name; None makes one of the model's name."""
    version: str | None
    """The bundle's version; None makes one of the time and the bundle's hash."""
    recipe: str
    overrides: EncodingOverrides
    if_changed: bool = False
    """Whether to do nothing when the latest version was made from the same."""
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
    """Why there was something to export; empty where `if_changed` did not ask."""
    removed: tuple[Reference, ...]
    notes: tuple[str, ...]
    """Further lines that a person should read."""
    model_notes: tuple[str, ...] = ()
    """What was found of the model; the listener was told when it was found."""


def run_export(
    request: ExportRequest, registry: Registry, listener: ExportListener = SILENT
) -> Result:
    """Export and publish what was requested, or find that nothing has changed.

    Raises ExportRunningError when another export of the name runs, ParityError when the gate
    does not hold, and the other errors of `model_export.errors` and `udfs.errors`; the registry
    then is as it was.
    """
    listener.on_step("find")
    source = find_source(request.source, request.revision)
    name = request.name or default_name(request.source, source.name)
    model_notes: list[str] = []

    def tell(note: str) -> None:
        model_notes.append(note)
        listener.on_note(note)

    export = _Export(request, source, name, registry, replace(listener, on_note=tell))
    notes = []
    with export_lock(registry, name) as lock:
        if lock.taken_over_from is not None:
            notes.append(f"took over the lock of an export that died: {lock.taken_over_from}")
        why = export.changes_since_latest() if request.if_changed else []
        published = not request.if_changed or bool(why)
        if published:
            reference = export.build_and_publish(lock.require)
        else:
            reference = registry.exact(Reference(name, LATEST))
        removed = export.clean_up().removed
        if request.keep is not None and not request.dsn:
            notes.append("no database was asked which versions its spaces use (INTERESTREAM_DSN)")
    return Result(reference, published, tuple(why), removed, tuple(notes), tuple(model_notes))


def default_name(source: str, model: str) -> str:
    """Return a bundle's name for a model.

    >>> default_name("intfloat/Multilingual-E5-small", "intfloat/Multilingual-E5-small")
    'multilingual-e5-small'
    """
    from model_export.ensure import DEFAULT_NAME  # noqa: PLC0415

    if source == PACKAGED:
        return DEFAULT_NAME
    return re.sub(r"[^a-z0-9._-]+", "-", model.rpartition("/")[2].lower()).strip("-._")


@dataclass(frozen=True, slots=True)
class _Export:
    """The steps of one run, whose lock the caller holds."""

    request: ExportRequest
    source: ResolvedSource
    name: str
    registry: Registry
    listener: ExportListener

    def changes_since_latest(self) -> list[str]:
        """One line for each difference from the provenance of the latest version."""
        pointer = self.registry.latest(self.name)
        if pointer is None:
            return [FIRST]
        latest = Reference(self.name, pointer.version)
        problems = self.registry.problems(latest)
        if problems:
            return [f"{UNREADABLE}: {problems[0]}"]
        try:
            raw = self.registry.store.read(f"{self.name}/{pointer.version}/{PROVENANCE_FILE}")
        except FileNotFoundError:
            return [f"{latest} does not say what went into it"]
        old = provenance_from_json(raw)
        if old is None:
            return [f"{latest} says what went into it in another form"]
        source = self.source
        # A repository's files are not downloaded yet: equal commits mean equal files.
        files = source.source.files if source.source else old.files
        settings = settings_of(self.request.recipe, self.request.overrides, self.request.tuning)
        new = Provenance(source.name, source.revision, files, settings, tool_versions())
        return changes(old, new)

    def build_and_publish(self, require_lock: Callable[[], None]) -> Reference:
        """Make the bundle and publish it, if the lock is still held when it is finished."""
        # torch takes seconds to import: only after the checks, when a step is shown.
        self.listener.on_step("prepare")
        from model_export.build import make_bundle, timed_version  # noqa: PLC0415

        def version_of(manifest: Manifest) -> str:
            return self.request.version or timed_version(manifest)

        with TemporaryDirectory(prefix=".export-", dir=self._workspace()) as workspace:
            staged = make_bundle(
                self.source.local(),
                Path(workspace),
                self.name,
                version_of,
                self.listener,
                recipe=self.request.recipe,
                overrides=self.request.overrides,
                tuning=self.request.tuning,
            )
            self.listener.on_step("publish")
            require_lock()
            return publish(staged, self.registry)

    def _workspace(self) -> Path | None:
        """Return a registry's folder, whose disk has room for bundles; None for the system's."""
        store = self.registry.store
        if not isinstance(store, FolderStore):
            return None
        store.root.mkdir(parents=True, exist_ok=True)
        return store.root

    def clean_up(self) -> Plan:
        """Remove old versions; nothing where the request keeps them all."""
        keep, dsn = self.request.keep, self.request.dsn
        if keep is None:
            return Plan((), ())
        try:
            in_use = spaces_in_use(dsn) if dsn else InUse()
            plan = plan_prune(self.registry, self.name, keep, in_use)
            prune(self.registry, plan)
        except (UdfError, OSError) as error:
            raise ExportError(f"published, but old versions were not removed: {error}") from error
        return plan
