from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from model_export.errors import ExportError
from model_export.publishing.prune import InUse, plan_prune, prune, spaces_in_use
from model_export.publishing.publish import publish
from tests.udfs.builders import tiny_bundle, write_manifest
from udfs.bundle import MANIFEST_FILE, MODEL_FILE, hash_files, read_manifest
from udfs.registry.reference import Reference
from udfs.registry.registry import Registry, open_registry

VERSIONS = ("a", "b", "c", "d", "e")


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """Five versions, `a` the oldest and `e` the newest and latest."""
    memory = f"memory://prune-{tmp_path.name}"
    found = open_registry(tmp_path / "registry" if request.param == "folder" else memory)
    for day, version in enumerate(VERSIONS, start=1):
        folder = tiny_bundle(tmp_path / f"staged-{version}")
        (folder / MODEL_FILE).write_bytes(version.encode())
        created = f"2025-01-0{day}T00:00:00+00:00"
        changed = replace(
            read_manifest(folder), version=version, created_at=created, files=hash_files(folder)
        )
        write_manifest(folder, changed)
        publish(folder, found)
    return found


def pruned(registry: Registry, keep: int, in_use: InUse = InUse()) -> list[str]:  # noqa: B008
    prune(registry, plan_prune(registry, "tiny", keep, in_use))
    return registry.versions("tiny")


def test_the_newest_stay(registry):
    assert pruned(registry, 2) == ["d", "e"]


def test_nothing_goes_where_there_are_few(registry):
    assert pruned(registry, 9) == [*VERSIONS]


def test_the_latest_stays_even_if_it_is_old(registry, tmp_path):
    publish(tmp_path / "staged-a", registry)
    assert pruned(registry, 1) == ["a", "e"]


def test_what_is_pinned_stays_until_it_is_unpinned(registry):
    registry.pin(Reference("tiny", "b"))
    assert pruned(registry, 1) == ["b", "e"]
    registry.unpin(Reference("tiny", "b"))
    assert pruned(registry, 1) == ["e"]


def test_what_a_space_names_stays(registry):
    assert pruned(registry, 1, InUse(versions=frozenset({("tiny", "b")}))) == ["b", "e"]


def test_what_gives_the_vectors_of_a_space_stays(registry):
    sha256 = registry.manifest(Reference("tiny", "c")).bundle_sha256
    assert pruned(registry, 1, InUse(sha256s=frozenset({sha256}))) == ["c", "e"]


def test_a_version_that_cannot_be_read_goes_first(registry):
    registry.store.write(f"tiny/e2/{MANIFEST_FILE}", b"broken")
    assert pruned(registry, 5) == [*VERSIONS]


def test_each_stay_has_its_reason(registry):
    registry.pin(Reference("tiny", "a"))
    plan = plan_prune(registry, "tiny", 2, InUse(versions=frozenset({("tiny", "b")})))
    reasons = {kept.reference.version: kept.reason for kept in plan.kept}
    assert reasons == {"a": "pinned", "b": "of a space", "d": "among the newest 2", "e": "latest"}
    assert plan.removed == (Reference("tiny", "c"),)


def test_to_keep_nothing_is_refused(registry):
    with pytest.raises(ExportError, match="use 1 or more"):
        plan_prune(registry, "tiny", 0, InUse())


def test_the_database_is_asked_for_every_space(dsn):
    with psycopg.connect(dsn) as db:
        for version in ("1", "2"):
            db.execute(
                "SELECT interestream.create_space('tiny', %s, %s, 2, ARRAY[0, 0]::real[])",
                (version, f"sha-{version}"),
            )
    found = spaces_in_use(dsn)
    assert found.versions == {("tiny", "1"), ("tiny", "2")}
    assert found.sha256s == {"sha-1", "sha-2"}


def test_a_database_that_cannot_be_asked_keeps_everything():
    with pytest.raises(ExportError, match="nothing was removed"):
        spaces_in_use("host=127.0.0.1 port=1 dbname=none connect_timeout=2")
