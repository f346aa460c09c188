"""Reads from Postgres, before the job starts, its space and the bits of its actions."""

import logging
import time

import numpy as np
import psycopg

from jobs.config import Config
from jobs.core.job_identity import JobIdentity
from jobs.core.neighbors.rules import PairRules
from jobs.errors import ConfigError
from jobs.sinks.database_errors import asking_postgres
from jobs.sinks.neighbor_rows import drop_neighbors
from jobs.sinks.trend_rows import drop_trends
from sql.connection import connect

_STARTING_UP = (
    "Connection refused",
    "No such file or directory",
    "is starting up",
    "is shutting down",
    "in recovery mode",
    "not yet accepting connections",
)
"""Parts of the driver's messages for a server that may accept connections soon. Waiting would not
help against a refused password or an unknown host."""

_log = logging.getLogger(__name__)


def read_identity(config: Config, space_id: int | None = None) -> JobIdentity:
    """Look up the space (default: the active one) and register the configured actions.

    Rows of windows that are no longer configured are deleted. While Postgres refuses connections,
    the call waits for up to `database.start_wait_s` seconds. Raises ConfigError when there is no
    such space, when there are too many actions, or when Postgres cannot be reached.
    """
    with asking_postgres("read the space from Postgres"), _connect(config) as db:
        row = db.execute(
            "SELECT space_id, dim, mean, bundle_sha256 FROM interestream.spaces"
            " WHERE of_space IS NULL"
            " AND CASE WHEN %(id)s::int IS NULL THEN active ELSE space_id = %(id)s END",
            {"id": space_id},
        ).fetchone()
        if row is None:
            raise ConfigError(
                "there is no active embedding space: make one with `interestream space create`"
                if space_id is None
                else f"there is no embedding space {space_id}: see `interestream space list`"
            )
        bits = _register_actions(db, config)
        _drop_unconfigured_kinds(db, config, row[0])
        _drop_uncounted_clicks(db, config, row[0])
        epoch = int(time.time() * 1000)
        if not config.trends.enabled:
            # Otherwise trending() would go on answering from the last counts of an earlier job.
            drop_trends(db, row[0], epoch)
        if PairRules.of(config.neighbors, config.interest) is None:
            drop_neighbors(db, row[0], epoch)
    return JobIdentity(
        space_id=row[0],
        dim=row[1],
        mean=np.array(row[2], dtype=np.float32).tobytes(),
        bundle_sha256=row[3],
        epoch=epoch,
        action_bits=bits,
    )


def _connect(config: Config) -> psycopg.Connection:
    dsn = config.database.dsn.get_secret_value()
    deadline = time.monotonic() + config.database.start_wait_s
    pause_s = 0.5
    while True:
        try:
            return connect(dsn, connect_timeout=10)
        except psycopg.OperationalError as error:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not any(part in str(error) for part in _STARTING_UP):
                raise
            _log.warning(
                "Postgres is not there yet, waiting up to %.0f s more: %s",
                left_s,
                str(error).strip().splitlines()[0],
            )
            time.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, 5.0)


def _drop_uncounted_clicks(db: psycopg.Connection, config: Config, space_id: int) -> None:
    """Delete counts of click-through of buckets that no job counts any more."""
    counts = config.feedback.enabled and config.privacy.epsilon is None
    db.execute(
        "DELETE FROM interestream.click_counts WHERE space_id = %s AND bucket >= %s",
        (space_id, config.batching.buckets if counts else 0),
    )


def _drop_unconfigured_kinds(db: psycopg.Connection, config: Config, space_id: int) -> None:
    """Delete rows of windows that are switched off: queries would read them, but no job updates
    them."""
    interest = config.interest
    kinds = [
        *interest.half_lives_s,
        *(("recent", "session") if interest.last_n else ()),
        *(("topics",) if interest.topics_half_life_s else ()),
        *(("dislikes",) if interest.dislikes_half_life_s else ()),
    ]
    db.execute(
        "DELETE FROM interestream.user_windows WHERE space_id = %s AND kind <> ALL(%s)",
        (space_id, kinds),
    )


def _register_actions(db: psycopg.Connection, config: Config) -> dict[str, int]:
    """Store the actions and return their bits; an action keeps its bit for ever.

    Rows of `user_items` store bits, so a bit must not be given to another action.
    """
    db.execute("LOCK TABLE interestream.actions IN SHARE ROW EXCLUSIVE MODE")
    known: dict[str, int] = dict(
        db.execute("SELECT action, bit FROM interestream.actions").fetchall()
    )
    for name, action in config.actions.items():
        bit = known.setdefault(name, max(known.values(), default=-1) + 1)
        if bit > 62:
            raise ConfigError(f"action '{name}' is one too many: 63 names were used so far")
        db.execute(
            "INSERT INTO interestream.actions (action, bit, weight, sign, seen)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (action) DO UPDATE SET"
            " weight = excluded.weight, sign = excluded.sign, seen = excluded.seen",
            (name, bit, action.weight, action.sign, action.seen),
        )
    return known
