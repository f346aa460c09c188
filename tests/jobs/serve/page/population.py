"""A population of the simulator in a database, as the core folds it and the sinks write it.

No cluster and no encoder: an item's vector lies near the centre of its true topic.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import orjson
import psycopg
from psycopg.types.json import Jsonb

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Interest
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.due_rows import Write
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_state import UserEntry
from jobs.core.parsing.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.operators.accepted_events import accept
from jobs.operators.join_items import join_items, user_item_rows_of
from jobs.simulator.simulation import Settings, Simulation, simulate
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import write_user_batch
from jobs.texts.sentiment import Sentiment
from tests.builders import ACTION_BITS, ACTIONS, RULES
from tests.sql.builders import Floats, add_space, settle_groups, stored, text, unit

DIM = 32
INTEREST = Interest()
END_MS = 1_772_366_400_000
"""2026-03-01T12:00:00Z, when the simulated month ends."""

HORIZONS = {
    "hour": (3_600, "six_hours"),
    "six_hours": (21_600, "day"),
    "day": (86_400, "week"),
    "week": (604_800, "month"),
    "month": (2_592_000, None),
}


def near(name: str, centre: Floats | None = None, spread: float = 0.9) -> Floats:
    """A unit vector that is the same for the same name, near `centre` where one is given."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    drawn = unit(np.random.default_rng(seed).standard_normal(DIM).astype(np.float32))
    return stored(unit(drawn if centre is None else centre + spread * drawn))


@dataclass
class Population:
    """A database with people in it, and the states from which the core goes on."""

    dsn: str
    simulation: Simulation
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(DIM))
    entries: dict[str, UserEntry] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    def feed(self, records: Iterable[Mapping[str, object]]) -> None:
        """Fold events, and write and commit every row of their users, as the job does."""
        lines = [orjson.dumps(dict(record)) for record in records]
        parsed = parse_events(lines, RULES, END_MS + 86_400_000)
        events, _ = accept(lines, [], parsed.events, ACTIONS, DIM)
        rows = self.catalogue.rows(events.item_id)
        joined = join_items(
            events, events.user, rows, self.catalogue, ACTIONS, Sentiment.neutral(DIM)
        )
        folded = fold(
            [self.entries.get(user) for user in events.users],
            joined,
            self.catalogue,
            FoldSettings.of(INTEREST, DIM),
            write=Write.ALL,
        )
        self.entries |= dict(zip(events.users, folded.entries, strict=True))
        before = self.progress
        self.progress = Progress(
            records_in=before.records_in + len(lines),
            applied=before.applied + len(events),
            dead_letters=before.dead_letters + len(parsed.dead),
        )
        batch = UserBatch(
            space_id=1,
            epoch=1,
            bucket=0,
            users=events.users,
            folded=folded,
            user_item_rows=user_item_rows_of(events, joined, ACTIONS),
            progress={"events": self.progress},
            dead={"events": parsed.dead},
        )
        with psycopg.connect(self.dsn) as db:
            register_arrays(db)
            register_halfvectors(db)
            write_user_batch(db, batch)


def populate(
    dsn: str, *, users: int = 120, items: int = 300, events: int = 2_400, seed: int = 7
) -> Population:
    """Fill an empty schema: space 1, items, people with their windows, trends, neighbours."""
    simulation = simulate(
        Settings(seed=seed, users=users, items=items, events=events, end_ms=END_MS)
    )
    population = Population(dsn, simulation)
    with psycopg.connect(dsn) as db:
        for name, action in DEFAULT_ACTIONS.items():
            db.execute(
                "INSERT INTO interestream.actions VALUES (%s, %s, %s, %s, %s)",
                (name, ACTION_BITS[name], action.weight, action.sign, action.seen),
            )
        add_space(db, dim=DIM)
        for item_id, record in simulation.catalogue.items.items():
            vector = near(item_id, near(simulation.topic_of(item_id)))
            population.catalogue.put(item_id, vector.astype(np.float16))
            _write_item(db, item_id, record, vector)
        settle_groups(db)
        _write_topics(db, simulation)
    lines = [line for line in simulation.lines if isinstance(line, dict) and "text" not in line]
    population.feed(lines)
    with psycopg.connect(dsn) as db:
        _write_trends(db)
        _write_neighbors(db)
        db.execute("ANALYZE")
    return population


def _write_item(
    db: psycopg.Connection, item_id: str, record: Mapping[str, object], vector: Floats
) -> None:
    published = record.get("published_at")
    if isinstance(published, int):
        published = datetime.fromtimestamp(published / 1000, UTC)
    db.execute(
        "INSERT INTO interestream.items (item_id, title, body, categories, language,"
        " published_at, attributes, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, 1, 1)",
        (
            item_id,
            record["title"],
            record.get("text"),
            record.get("categories", []),
            record.get("language"),
            published,
            Jsonb(record.get("attributes", {})),
        ),
    )
    db.execute(
        "INSERT INTO interestream.item_vectors VALUES (1, %s, %s::halfvec, 1, 1)",
        (item_id, text(vector)),
    )


def _write_topics(db: psycopg.Connection, simulation: Simulation) -> None:
    """The simulator's own topics stand for those that come along."""
    db.execute("DELETE FROM interestream.topics")
    for topic in simulation.catalogue.by_topic:
        db.execute("INSERT INTO interestream.topics VALUES (%s, %s)", (topic, [topic]))
        db.execute(
            "INSERT INTO interestream.topic_vectors VALUES (1, %s, %s::halfvec, 'x')",
            (topic, text(near(topic))),
        )


def _write_trends(db: psycopg.Connection) -> None:
    end = datetime.fromtimestamp(END_MS / 1000, UTC)
    for horizon, (length_s, longer) in HORIZONS.items():
        db.execute(
            "INSERT INTO interestream.trends (space_id, horizon, item_id, interactions, weight,"
            " longer_interactions)"
            " SELECT 1, %(horizon)s, own.item_id, own.interactions, own.weight, own.longer"
            " FROM (SELECT u.item_id,"
            "   count(*) FILTER (WHERE u.last_at > %(end)s - %(length)s * interval '1 s')"
            "     AS interactions,"
            "   coalesce(sum(u.signal)"
            "     FILTER (WHERE u.last_at > %(end)s - %(length)s * interval '1 s'), 0) AS weight,"
            "   CASE WHEN %(longer)s::bigint IS NOT NULL THEN"
            "     count(*) FILTER (WHERE u.last_at > %(end)s - %(longer)s * interval '1 s') END"
            "     AS longer"
            "   FROM interestream.user_items AS u WHERE u.signal > 0 GROUP BY u.item_id) AS own"
            " WHERE own.interactions > 0 ORDER BY own.weight DESC LIMIT 200",
            {
                "horizon": horizon,
                "end": end,
                "length": length_s,
                "longer": None if longer is None else HORIZONS[longer][0],
            },
        )
        db.execute(
            "INSERT INTO interestream.trend_windows (space_id, horizon, length, longer,"
            " window_start, window_end, as_of, interactions, epoch, version, largest)"
            " SELECT 1, %(horizon)s, %(length)s * interval '1 s', %(longer)s,"
            "   %(end)s - %(length)s * interval '1 s', %(end)s, %(end)s,"
            "   coalesce(sum(t.interactions), 0), 1, 1, coalesce(max(t.interactions), 0)"
            " FROM interestream.trends AS t WHERE t.horizon = %(horizon)s",
            {"horizon": horizon, "length": length_s, "longer": longer, "end": end},
        )


def _write_neighbors(db: psycopg.Connection) -> None:
    """Items that the same users liked within a day."""
    db.execute(
        """
        INSERT INTO interestream.item_neighbors (space_id, item_id, neighbor_ids, strengths,
            interactions, as_of, half_life_s, epoch, version)
        SELECT 1, pairs.item_id,
            (array_agg(pairs.other ORDER BY pairs.users DESC, pairs.other))[:50],
            (array_agg(pairs.users ORDER BY pairs.users DESC, pairs.other))[:50]::real[],
            max(pairs.total), to_timestamp(%s), 2592000, 1, 1
        FROM (
            SELECT a.item_id, b.item_id AS other, count(*)::real AS users,
                (SELECT count(*) FROM interestream.user_items AS c
                 WHERE c.item_id = a.item_id AND c.signal > 0) AS total
            FROM interestream.user_items AS a
            JOIN interestream.user_items AS b ON b.user_id = a.user_id AND b.item_id <> a.item_id
                AND b.signal > 0 AND b.last_at BETWEEN a.last_at AND a.last_at + interval '1 day'
            WHERE a.signal > 0
            GROUP BY a.item_id, b.item_id
        ) AS pairs
        GROUP BY pairs.item_id
        """,
        (END_MS / 1000,),
    )
