"""The space that the job fills, and whether its bundle is at hand and can be opened."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from jobs.bundles.check import check_bundle
from jobs.bundles.find import SPACE_VERSION, find_bundle
from jobs.core.job_identity import JobIdentity
from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.machine import INSTALL, is_installed
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError
from udfs.bundle import verify
from udfs.errors import UdfError
from udfs.registry.reference import is_reference, parse_reference
from udfs.registry.registry import local_bundle

AREA = "Space"
CREATE = "interestream space create BUNDLE DATA"


@dataclass(frozen=True)
class Space:
    """A row of `spaces`."""

    space_id: int
    dim: int
    bundle_sha256: str
    bundle: str
    """NAME@VERSION of the bundle that it was built with."""
    active: bool


def check_space(situation: Situation, db: psycopg.Connection | None) -> list[Finding]:
    """Check the space, unless there is no database, and the bundle."""
    if db is None:
        return _bundle(situation, None)
    try:
        space = _read(db, situation.space)
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.InsufficientPrivilege,
    ):
        return _bundle(situation, None)  # The area of the schema says so.
    if space is None:
        missing = (
            fail(AREA, "no space is active", CREATE)
            if situation.space is None
            else fail(AREA, f"there is no space {situation.space}", "interestream space list")
        )
        return [missing, *_bundle(situation, None)]
    state = "is active" if space.active else "exists and is not active"
    found = f"space {space.space_id} {state}: {space.bundle}, {space.dim} dimensions"
    return [ok(AREA, found), *_bundle(situation, space)]


def _read(db: psycopg.Connection, space_id: int | None) -> Space | None:
    row = db.execute(
        "SELECT space_id, dim, bundle_sha256, bundle_name || '@' || bundle_version, active"
        " FROM interestream.spaces"
        " WHERE CASE WHEN %(id)s::int IS NULL THEN active ELSE space_id = %(id)s END",
        {"id": space_id},
    ).fetchone()
    return None if row is None else Space(*row)


def _bundle(situation: Situation, space: Space | None) -> list[Finding]:
    settings = situation.config.encoder
    text = str(settings.bundle)
    refers = is_reference(text) and not settings.bundle.is_dir()
    if space is None and refers and parse_reference(text).version == SPACE_VERSION:
        advice = "put the database in order first: its space says which version this is"
        return [warn(AREA, f"encoder.bundle is {text}, which needs a space", advice)]
    try:
        if space is None:
            folder = local_bundle(text, settings.registry, settings.bundle_cache)
            manifest = verify(folder)
            fits = f"gives {manifest.dim} dimensions"
        else:
            folder = find_bundle(settings, space.bundle_sha256).folder
            if situation.jobmanager and not folder.exists():
                found = f"the bundle {folder} is not on this machine"
                return [warn(AREA, found, "see that the workers have it at this path")]
            identity = JobIdentity(space.space_id, space.dim, b"", space.bundle_sha256, 0, {})
            check_bundle(folder, identity)
            fits = "is that of the space"
    except (UdfError, InterestreamError) as error:
        finding = from_message(AREA, str(error))
        if space is None or refers:
            return [finding]
        name = space.bundle.partition("@")[0]
        other = f"or, if a registry has it: --set encoder.bundle={name}@{SPACE_VERSION}"
        return [fail(AREA, finding.found, f"{finding.advice}; {other}".removeprefix("; "))]
    return [_opened(folder, fits)]


def _opened(folder: Path, fits: str) -> Finding:
    found = f"the bundle {folder} fits its hashes and {fits}"
    missing = [name for name in ("onnxruntime", "tokenizers") if not is_installed(name)]
    if missing:
        return fail(AREA, f"{found}, but {' and '.join(missing)} would open it", INSTALL)
    from udfs.encoder import Encoder  # noqa: PLC0415 - needs the extra `job`

    try:
        Encoder.open(folder, provider="cpu", threads=1)
    except UdfError as error:
        return from_message(AREA, str(error))
    return ok(AREA, f"{found}; it was opened")
