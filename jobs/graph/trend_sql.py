"""The Java half of trends: SQL that counts by windows over event time.

Windows tumble. One that hops over a horizon would write each item once per slide that it is in,
whether or not it changed: a replay of sparse events, 160 rows for one. The writer adds windows up.
"""


def clocked_counts(view: str) -> str:
    """Rows `(count, weight, entry, at, clock)` from the elements of a view of clocked batches.

    A count that is behind the clock is put into the window that is open now, under its own slice
    in `entry`: none is ever too late for its window.
    """
    return f"""
SELECT
    CAST(SUBSTRING(s, 1, 9) AS BIGINT) AS interactions,
    CAST(SUBSTRING(s, 10, 15) AS BIGINT) AS weight,
    SUBSTRING(s, 25) AS entry,
    TO_TIMESTAMP_LTZ(GREATEST(CAST(SUBSTRING(s, 25, 16) AS BIGINT), clock_ms), 3) AS event_at,
    TO_TIMESTAMP_LTZ(clock_ms - 1, 3) AS clock_at
FROM (
    SELECT clock_ms, DECODE(packed, 'UTF-8') AS s
    FROM {view} CROSS JOIN UNNEST(elements) AS u (packed))"""  # noqa: S608


def windows(view: str, window_s: int) -> str:
    """One element per window and entry, as `jobs.core.trends.counts` reads it."""
    return f"""
SELECT
    0 AS bucket,
    ENCODE(
        LPAD(CAST(SUM(interactions) AS STRING), 9, '0')
        || LPAD(CAST(SUM(weight) AS STRING), 15, '0') || entry, 'UTF-8') AS packed,
    PROCTIME() AS arrived
FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(event_at), INTERVAL '{window_s}' SECOND(4)))
GROUP BY window_start, window_end, entry"""  # noqa: S608
