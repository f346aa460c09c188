"""The Java half of trends: SQL that counts by windows over event time.

Windows tumble, and the trend writer adds them up. Windows that hop over a horizon would emit each
item once per slide, changed or not: 160 rows per event in a replay of sparse events.
"""


def clocked_counts(view: str) -> str:
    """Rows `(interactions, weight, entry, event_at, clock_at)`, one per element of the view.

    The view has rows `(clock_ms, elements)`. `entry` is the slice and the item. A count behind the
    clock gets the time of the clock, so that it goes into the open window and is never late; its
    `entry` still names its own slice.
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
    """One element per tumbling window of `window_s` seconds and entry.

    `jobs.core.trends.counts.from_elements` reads the elements.
    """
    return f"""
SELECT
    0 AS bucket,
    ENCODE(
        LPAD(CAST(SUM(interactions) AS STRING), 9, '0')
        || LPAD(CAST(SUM(weight) AS STRING), 15, '0') || entry, 'UTF-8') AS packed,
    PROCTIME() AS arrived
FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(event_at), INTERVAL '{window_s}' SECOND(4)))
GROUP BY window_start, window_end, entry"""  # noqa: S608
