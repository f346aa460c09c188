"""Runs all kinds of maintenance, one after the other; one that fails does not stop the others."""

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from jobs.config import Config
from jobs.errors import InterestreamError
from jobs.maintenance import rows
from jobs.maintenance.cluster_logs import remove_old_logs
from jobs.maintenance.ended_checkpoints import remove_ended_checkpoints
from jobs.maintenance.only_one import only_one
from jobs.maintenance.outcome import Done, Removed, Report
from jobs.maintenance.topic_history import keep_topic_history
from jobs.maintenance.unused_bundles import bundles_of_spaces, remove_unused_bundles
from jobs.runtime.find_flink import find_flink
from jobs.runtime.flink_rest import ENDED
from jobs.sinks.database_errors import describe_error
from jobs.sinks.hidden_password import without_password
from sql.connection import connect
from udfs.prune_store import prune_store
from udfs.registry.registry import default_cache

_RAN = """
INSERT INTO interestream.maintenance AS t (kind, ran_at, removed) VALUES (%s, clock_timestamp(), %s)
ON CONFLICT (kind) DO UPDATE SET ran_at = excluded.ran_at, removed = excluded.removed
"""
DAY_S = 86_400


@dataclass(frozen=True)
class Place:
    """Where maintenance works: the job's configuration, its database and its Flink."""

    config: Config
    dsn: str
    cluster: Path
    """Folder of the cluster that `interestream cluster` keeps on this machine, if it does."""
    jobmanager: str = ""
    """HOST:PORT of another cluster, whose jobs are asked for."""


@dataclass(frozen=True)
class _Kind:
    name: str
    setting: str
    on: bool
    remove: Callable[[], Removed]


def maintain(place: Place, *, dry_run: bool = False) -> Report:
    """Remove what is older than the settings of `retention` allow, or only say what would go.

    Every kind is on its own: what a former run has removed is not looked at again, and a run that
    was ended half-way is completed by the next one. Raises InterestreamError when another run works
    on the database, and psycopg.Error when that cannot be reached.
    """
    with only_one(place.dsn), connect(place.dsn, autocommit=True) as db:
        kinds = list(_kinds(place, db, dry_run))
        done = tuple(_run(kind, place.dsn) for kind in kinds if kind.on)
        for each in done:
            if not dry_run and each.removed is not None:
                db.execute(_RAN, (each.kind, each.removed.count))
    return Report(dry_run, done, tuple(kind.setting for kind in kinds if not kind.on))


def _kinds(place: Place, db: psycopg.Connection, dry_run: bool) -> Iterator[_Kind]:
    keep = place.config.retention
    for name, setting, kept_s, step in (
        ("dead letters", "dead_letters_s", keep.dead_letters_s, rows.remove_dead_letters),
        ("old spaces", "spaces_s", keep.spaces_s, rows.drop_old_spaces),
        ("users", "users_s", keep.users_s, rows.remove_users),
        ("relations", "user_items_s", keep.user_items_s, rows.remove_user_items),
        ("shown items", "shown_items_s", keep.shown_items_s, rows.remove_shown_items),
        ("items", "withdrawn_items_s", keep.withdrawn_items_s, rows.remove_withdrawn_items),
        ("transfers", "transfers_s", keep.transfers_s, rows.remove_transfers),
    ):
        remove = _of_database(db, step, kept_s, dry_run)
        yield _Kind(name, f"retention.{setting}", kept_s > 0, remove)
    days = keep.topic_history_days
    history = _of_database(db, functools.partial(keep_topic_history, days), days * DAY_S, dry_run)
    yield _Kind("topic history", "retention.topic_history_days", True, history)
    yield _Kind("rows of deleted spaces", "", True, lambda: rows.remove_leftovers(db, dry_run))
    yield from _kinds_of_files(place, db, dry_run)


def _kinds_of_files(place: Place, db: psycopg.Connection, dry_run: bool) -> Iterator[_Kind]:
    keep, now_s = place.config.retention, time.time()
    encoder, folder = place.config.encoder, place.config.checkpoints.directory

    def checkpoints() -> Removed:
        assert folder is not None
        before_s = now_s - keep.checkpoints_s
        return remove_ended_checkpoints(folder, before_s, _alive(place), dry_run=dry_run)

    def bundles() -> Removed:
        cache = encoder.bundle_cache or default_cache()
        in_use = bundles_of_spaces(db)
        return remove_unused_bundles(cache, now_s - keep.bundles_s, in_use, dry_run=dry_run)

    def vectors() -> Removed:
        assert encoder.store is not None
        pruned = prune_store(encoder.store, keep.store_mb * 1_000_000, dry_run=dry_run)
        return Removed(pruned.vectors, "vectors", freed_bytes=pruned.bytes)

    with_folder = keep.checkpoints_s > 0 and folder is not None
    yield _Kind("checkpoints", "retention.checkpoints_s", with_folder, checkpoints)
    yield _Kind(
        "cluster logs",
        "retention.logs_s",
        keep.logs_s > 0,
        lambda: remove_old_logs(place.cluster, now_s - keep.logs_s, dry_run=dry_run),
    )
    yield _Kind("bundles", "retention.bundles_s", keep.bundles_s > 0, bundles)
    with_store = keep.store_mb > 0 and encoder.store is not None
    yield _Kind("encoder store", "retention.store_mb", with_store, vectors)


def _of_database(
    db: psycopg.Connection, step: rows.Step, kept_s: float, dry_run: bool
) -> Callable[[], Removed]:
    def remove() -> Removed:
        row = db.execute("SELECT now()").fetchone()
        assert row is not None
        now: datetime = row[0]
        return step(db, now - timedelta(seconds=kept_s), dry_run)

    return remove


def _alive(place: Place) -> set[str]:
    """Ids of the jobs of the known cluster that have not ended."""
    rest = find_flink(place.jobmanager, place.cluster)
    states = {} if rest is None else rest.job_states()
    return {job_id for job_id, state in states.items() if state not in ENDED}


def _run(kind: _Kind, dsn: str) -> Done:
    try:
        return Done(kind.name, kind.setting, kind.remove())
    except psycopg.Error as error:
        problem = describe_error(error)
    except (InterestreamError, sqlite3.Error) as error:
        problem = str(error)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        problem = f"{error.strerror or error}{where}"
    return Done(kind.name, kind.setting, None, without_password(problem, dsn))
