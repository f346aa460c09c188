"""The metrics of the database: which statement they come from, what they mean, when they are wrong.

docs/monitoring.md has this catalogue as a table. A role that is a member of interestream_reader may
run every statement.
"""

from jobs.serve.metric import Metric, Reading

SPACE = ("space",)
STREAM = ("space", "stream")

SPACES = Reading(
    "spaces",
    """
    SELECT
        s.space_id AS space, s.bundle_name || '@' || s.bundle_version AS bundle, s.dim,
        CASE
            WHEN s.active THEN 'active'
            WHEN s.space_id = interestream.previous_space() THEN 'previous'
            WHEN s.of_space IS NOT NULL THEN 'sequence'
            ELSE 'other'
        END AS state,
        1 AS space_info
    FROM interestream.spaces AS s
    """,
    (
        Metric(
            "interestream_space_info",
            "",
            ("space", "bundle", "dim", "state"),
            "1 for each space; its bundle, and whether it is active, the previous one, a sequence"
            " model's, or another",
            'no space has `state="active"`: `interestream space create`',
        ),
    ),
)

PROGRESS = Reading(
    "progress",
    """
    SELECT
        p.space_id AS space, p.stream, sum(p.records_in) AS records_in, sum(p.applied) AS applied,
        sum(p.duplicates) AS duplicates, sum(p.dead_letters) AS dead_letters,
        sum(p.excluded) AS excluded, sum(p.waiting + p.moved) AS waiting,
        extract(epoch FROM max(p.committed_at)) AS commit_timestamp_seconds
    FROM interestream.job_progress AS p
    GROUP BY p.space_id, p.stream
    """,
    (
        Metric(
            "interestream_records_in",
            "records",
            STREAM,
            "Records that the job has read of a stream since its state began",
            "it stands still although records come in",
        ),
        Metric(
            "interestream_applied",
            "records",
            STREAM,
            "Records that were counted",
        ),
        Metric(
            "interestream_duplicates",
            "records",
            STREAM,
            "Records with an id that had been counted before",
            "it grows as fast as `interestream_records_in`: a source sends everything again",
        ),
        Metric(
            "interestream_dead_letters",
            "records",
            STREAM,
            "Records that were not accepted",
            "more than 5% of the records of the last minutes",
        ),
        Metric(
            "interestream_excluded",
            "records",
            STREAM,
            "Records of users who opted out, and of items that were deleted",
        ),
        Metric(
            "interestream_waiting",
            "records",
            STREAM,
            "Events that wait for the vector of their item",
            "it grows for longer than an import of items takes",
        ),
        Metric(
            "interestream_commit_timestamp_seconds",
            "s since 1970",
            STREAM,
            "When the job last committed a batch of a stream",
            "minutes ago, and records wait",
            "commit_timestamp_seconds",
        ),
    ),
)

LEARNING = Reading(
    "learning",
    """
    SELECT
        s.space_id AS space, l.segment, w.source, w.weight AS source_weight
    FROM interestream.spaces AS s
    CROSS JOIN LATERAL interestream.learned(s.space_id) AS l
    CROSS JOIN LATERAL (
        SELECT e.key AS source, e.value::double precision AS weight
        FROM pg_catalog.jsonb_each_text(l.weights) AS e
    ) AS w
    WHERE s.active
    """,
    (
        Metric(
            "interestream_source_weight",
            "",
            ("space", "segment", "source"),
            "What a source of recommendations counts in the score of the active space, with what"
            " was learned, by segment of users",
            "it jumps within an hour: see `interestream learned`",
        ),
    ),
)

LEARNED = Reading(
    "learned",
    """
    SELECT
        l.space_id AS space, l.segment, l.steps AS learning_questions,
        l.found / nullif(l.asked, 0) AS learning_found_ratio
    FROM interestream.learning AS l
    """,
    (
        Metric(
            "interestream_learning_questions",
            "questions",
            ("space", "segment"),
            "Questions that the job has learned from",
        ),
        Metric(
            "interestream_learning_found_ratio",
            "0 to 1",
            ("space", "segment"),
            "Share of the latest questions whose answer was among the candidates",
            "it falls by a third within a day",
        ),
    ),
)

TRENDS = Reading(
    "trends",
    """
    SELECT
        t.space_id AS space, t.horizon, t.interactions AS trend_interactions,
        extract(epoch FROM t.committed_at) AS trend_commit_timestamp_seconds,
        greatest(extract(epoch FROM interestream.newest_interaction() - t.as_of), 0)
            AS trend_lag_seconds
    FROM interestream.trend_windows AS t
    """,
    (
        Metric(
            "interestream_trend_interactions",
            "interactions",
            ("space", "horizon"),
            "Positive interactions of all items in the window of a horizon",
        ),
        Metric(
            "interestream_trend_lag_seconds",
            "s of event time",
            ("space", "horizon"),
            "How far a horizon is behind the newest interaction in `user_items`",
            "it stays above some minutes in the active space while events come in",
        ),
        Metric(
            "interestream_trend_commit_timestamp_seconds",
            "s since 1970",
            ("space", "horizon"),
            "When a horizon was last written",
        ),
    ),
)

CONNECTIONS = Reading(
    "connections",
    """
    SELECT
        CASE WHEN a.application_name LIKE 'interestream-%' THEN a.application_name ELSE 'other' END
            AS application,
        count(*) AS connections
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.datname = pg_catalog.current_database()
    GROUP BY 1
    """,
    (
        Metric(
            "interestream_connections",
            "connections",
            ("application",),
            "Connections to this database, by application",
            "all together come near `interestream_connections_max`",
        ),
    ),
)

SERVER = Reading(
    "server",
    """
    SELECT
        current_setting('max_connections')::bigint AS connections_max,
        pg_catalog.pg_database_size(pg_catalog.current_database()) AS database_bytes,
        pg_catalog.pg_is_in_recovery()::int AS database_is_replica
    """,
    (
        Metric(
            "interestream_connections_max",
            "connections",
            (),
            "Connections that the server takes for all its databases (`max_connections`)",
        ),
        Metric(
            "interestream_database_bytes",
            "bytes",
            (),
            "Size of the database",
            "it grows faster than items and users",
        ),
        Metric(
            "interestream_database_is_replica",
            "",
            (),
            "1 where this process asks a standby, whose rows are as old as its replay",
        ),
    ),
)

MAINTENANCE = Reading(
    "maintenance",
    """
    SELECT
        extract(epoch FROM m.ran_at) AS maintain_timestamp_seconds,
        extract(epoch FROM m.oldest_letter_at) AS oldest_dead_letter_timestamp_seconds
    FROM interestream.last_maintenance() AS m
    """,
    (
        Metric(
            "interestream_maintain_timestamp_seconds",
            "s since 1970",
            (),
            "When `interestream maintain` last ended; missing where it never ran",
            "more than two days ago",
        ),
        Metric(
            "interestream_oldest_dead_letter_timestamp_seconds",
            "s since 1970",
            (),
            "When the oldest dead letter that is there was written; missing where there is none",
            "longer ago than `retention.dead_letters_s` and two days",
        ),
    ),
)

MAINTAINED = Reading(
    "maintained",
    """
    SELECT m.kind, m.removed AS maintain_removed
    FROM interestream.maintenance AS m
    """,
    (
        Metric(
            "interestream_maintain_removed",
            "rows or files",
            ("kind",),
            "What the last run of `interestream maintain` removed",
        ),
    ),
)

TABLES = Reading(
    "tables",
    """
    SELECT
        coalesce(parent.relname, c.relname) AS "table",
        sum(pg_catalog.pg_table_size(c.oid)) AS table_bytes,
        sum(pg_catalog.pg_indexes_size(c.oid)) AS table_index_bytes,
        sum(s.n_live_tup) AS table_rows, sum(s.n_dead_tup) AS table_dead_rows
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
    LEFT JOIN pg_catalog.pg_class AS parent ON parent.oid = i.inhparent
    LEFT JOIN pg_catalog.pg_stat_user_tables AS s ON s.relid = c.oid
    WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind = 'r'
    GROUP BY 1
    """,
    (
        Metric(
            "interestream_table_bytes",
            "bytes",
            ("table",),
            "Size of a table without its indexes; item_vectors with all spaces",
            "it grows while its rows do not: dead rows are not cleaned up",
        ),
        Metric(
            "interestream_table_index_bytes",
            "bytes",
            ("table",),
            "Size of the indexes of a table",
            "that of item_vectors is larger than `shared_buffers`",
        ),
        Metric(
            "interestream_table_rows",
            "rows",
            ("table",),
            "Postgres' own estimate of a table's rows",
        ),
        Metric(
            "interestream_table_dead_rows",
            "rows",
            ("table",),
            "Postgres' own estimate of rows that a vacuum will clean up",
            "more than the rows of the table for hours: autovacuum does not keep up",
        ),
    ),
    whole_tables=True,
)

ITEMS = Reading(
    "items",
    """
    SELECT
        count(*) AS items, count(*) FILTER (WHERE i.available) AS items_available
    FROM interestream.items AS i
    """,
    (
        Metric("interestream_items", "items", (), "Items, withdrawn ones included"),
        Metric(
            "interestream_items_available",
            "items",
            (),
            "Items that may be recommended",
            "it falls at once: an import has withdrawn the catalogue",
        ),
    ),
    whole_tables=True,
)

VECTORS = Reading(
    "vectors",
    """
    SELECT s.space_id AS space, coalesce(v.vectors, 0) AS space_items
    FROM interestream.spaces AS s
    LEFT JOIN (
        SELECT i.space_id, count(*) AS vectors
        FROM interestream.item_vectors AS i
        GROUP BY i.space_id
    ) AS v ON v.space_id = s.space_id
    """,
    (
        Metric(
            "interestream_space_items",
            "items",
            SPACE,
            "Items with a vector in a space",
            "below `interestream_items` for longer than encoding takes",
        ),
    ),
    whole_tables=True,
)

USERS = Reading(
    "users",
    """
    SELECT s.space_id AS space, coalesce(u.users, 0) AS space_users
    FROM interestream.spaces AS s
    LEFT JOIN (
        SELECT r.space_id, count(*) AS users FROM interestream.users AS r GROUP BY r.space_id
    ) AS u ON u.space_id = s.space_id
    WHERE s.of_space IS NULL
    """,
    (Metric("interestream_space_users", "users", SPACE, "Users with a row in a space"),),
    whole_tables=True,
)

LETTERS = Reading(
    "dead letters",
    """
    SELECT
        c.space_id AS space, c.stream, c.reason, c.letters AS dead_letters_kept,
        c.letters + c.removed AS dead_letters_written
    FROM interestream.dead_letter_counts() AS c
    """,
    (
        Metric(
            "interestream_dead_letters_kept",
            "records",
            ("space", "stream", "reason"),
            "Dead letters that are there, by reason",
        ),
        Metric(
            "interestream_dead_letters_written",
            "records",
            ("space", "stream", "reason"),
            "Dead letters that were ever written, those that were removed for their age included",
            "one reason grows fast: `interestream dead-letters --reason ...`",
        ),
    ),
    whole_tables=True,
)

READINGS = (
    SPACES,
    PROGRESS,
    TRENDS,
    LEARNING,
    LEARNED,
    CONNECTIONS,
    SERVER,
    MAINTENANCE,
    MAINTAINED,
    TABLES,
    ITEMS,
    VECTORS,
    USERS,
    LETTERS,
)
"""In the order in which they are run: what alerts need comes first."""
