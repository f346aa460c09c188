"""The Java half of the graph: SQL that reads raw lines, takes the key out, and makes batches.

Java never judges a record: a line whose key it cannot read goes to the bucket of unreadable lines,
and Python says what is wrong with it.
"""

from collections.abc import Mapping, Sequence

from jobs.operators.row_kinds import UNREADABLE_BUCKET

QUERY = "wanted"
COMMENT = "said"

_PARTS = 128
"""Groups by which texts are spread over the encoder's subtasks: Flink's default of key groups."""


def keyed_lines(stream: str, key: str, buckets: int) -> str:
    """Lines of `stream` (one column `line` BYTES) with `bucket` and the text `s`."""
    # MOD before ABS: the smallest integer has no absolute value.
    return f"""
SELECT line, s, COALESCE(
    MOD(ABS(MOD(HASH_CODE(JSON_VALUE(s, '$.{key}')), 1048576)), {buckets}),
    {UNREADABLE_BUCKET}) AS bucket
FROM (SELECT line, DECODE(line, 'UTF-8') AS s FROM {stream})"""  # noqa: S608


def texts(view: str, roles: Mapping[str, Sequence[str]]) -> str:
    """Lines of a keyed view with the `role` of their text (NULL: none) and the text itself;
    `roles` names the actions of each role."""
    cases = [
        f"WHEN JSON_VALUE(s, '$.action') IN ({names}) THEN '{role}'"
        for role, actions in roles.items()
        if (names := ", ".join("'" + name.replace("'", "''") + "'" for name in actions))
    ]
    if not cases:
        return f"SELECT line, bucket, CAST(NULL AS STRING) AS role, s FROM {view}"  # noqa: S608
    # LIKE spares most lines the two JSON look-ups.
    return f"""
SELECT line, bucket, s,
    CASE WHEN s LIKE '%"text"%' AND JSON_VALUE(s, '$.text') IS NOT NULL
    THEN CASE {" ".join(cases)} END END AS role
FROM {view}"""  # noqa: S608


def plain_lines(view: str) -> str:
    """Lines without a text to encode."""
    return f"SELECT line, bucket, PROCTIME() AS arrived FROM {view} WHERE role IS NULL"  # noqa: S608


def text_candidates(view: str) -> str:
    """Lines with a text to encode."""
    return f"""
SELECT line, bucket, role, JSON_VALUE(s, '$.text') AS spoken,
    MOD(HASH_CODE(s), {_PARTS}) AS part, PROCTIME() AS arrived
FROM {view} WHERE role IS NOT NULL"""  # noqa: S608


def in_a_task_of_their_own(view: str) -> str:
    """The spoken lines, behind an exchange: chained to the source, the encoder would hold up every
    other event. The planner makes one for windows, of which these are as short as they can be; a
    detour by a DataStream would read the source a second time."""
    return f"""
SELECT t.line, bucket, t.role, t.spoken
FROM (
    SELECT bucket, ARRAY_AGG(ROW(line, role, spoken)) AS texts
    FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrived), INTERVAL '0.010' SECOND(2, 3)))
    GROUP BY window_start, window_end, bucket, part
) CROSS JOIN UNNEST(texts) AS t (line, role, spoken)"""  # noqa: S608


def text_lines(view: str, encode: Mapping[str, str], max_chars: int) -> str:
    """Lines with the vector of their text, by the function of its role; a text that is empty or
    too long gets an empty vector, since its line will be a dead letter."""
    fits = f"CHAR_LENGTH(spoken) BETWEEN 1 AND {max_chars}"
    encoded = [
        f"SELECT line, bucket, {function}(spoken) AS vector FROM {view}"  # noqa: S608
        f" WHERE role = '{role}' AND {fits}"
        for role, function in encode.items()
    ]
    rest = f"SELECT line, bucket, X'' AS vector FROM {view} WHERE NOT ({fits})"  # noqa: S608
    return f"""
SELECT line, bucket, vector, PROCTIME() AS arrived FROM (
    {" UNION ALL ".join([*encoded, rest])})"""  # noqa: S608


def control_lines(view: str) -> str:
    return f"SELECT line, bucket, PROCTIME() AS arrived FROM {view}"  # noqa: S608


def vectors(changed: str, encode: str) -> str:
    """Changed items with the vector of their document."""
    return f"""
SELECT bucket, head, {encode}(document) AS vector, PROCTIME() AS arrived
FROM {changed}"""  # noqa: S608


def batches(view: str, columns: str, batch_ms: int) -> str:
    """One row per bucket and `batch_ms` of processing time; an unbounded input is needed, since
    the last window of a bounded one would never fire."""
    return f"""
SELECT bucket, {columns}
FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrived), INTERVAL '{batch_ms / 1000:.3f}' SECOND(2, 3)))
GROUP BY window_start, window_end, bucket"""  # noqa: S608
