"""The Java half of the graph: SQL that reads raw lines, extracts the key, and makes batches.

Java never validates a record: a line whose key it cannot read goes to the bucket of unreadable
lines, and Python finds the reason. Each function returns one query.
"""

from collections.abc import Mapping, Sequence

from jobs.core.parsing.undecoded_lines import OWNER
from jobs.core.parsing.withdraw_all import WITHDRAW_ALL
from jobs.operators.row_kinds import UNREADABLE_BUCKET

QUERY = "wanted"
"""The role of an action whose text is a query (value of its configuration key `text`)."""
COMMENT = "said"
"""The role of an action whose text is a comment."""

_PARTS = 128
"""Groups by which texts are spread over the encoder's subtasks: Flink's default of key groups."""


def keyed_lines(stream: str, key: str, buckets: int, longest: int | None) -> str:
    """Lines of the table `stream` with their `bucket` and their text `s`.

    The table has the columns `line` BYTES and `file` STRING. The bucket is a hash of the value of
    `key`, modulo `buckets`. Of a line longer than `longest` bytes only so much goes on (`_CUT`);
    None where that has been done, by the decode step: then a line that stands for a record that is
    not accepted goes to the bucket of its user or item, who may be forgotten or deleted.
    """
    if longest is None:
        return f"""
SELECT line, s,
    COALESCE(
        {_bucket(f"JSON_VALUE(s, '$.{key}')", buckets)},
        {_bucket(f"URL_DECODE(REGEXP_EXTRACT(s, '{OWNER}', 1))", buckets)},
        CAST(REGEXP_EXTRACT(s, '{WITHDRAW_ALL}', 1) AS INT),
        {UNREADABLE_BUCKET}) AS bucket
FROM (SELECT line, DECODE(line, 'UTF-8') AS s FROM {stream})"""  # noqa: S608
    value = rf'"{key}"\s*:\s*"?((?<=")[^"\\]+(?=")|-?[0-9]+)'
    return f"""
SELECT
    {_CUT} AS line,
    s,
    COALESCE(
        {_bucket(f"JSON_VALUE(s, '$.{key}')", buckets)},
        CASE WHEN head <> line THEN {_bucket(f"REGEXP_EXTRACT(s, '{value}', 1)", buckets)} END,
        {UNREADABLE_BUCKET}) AS bucket
FROM (
    SELECT line, file, head, DECODE(head, 'UTF-8') AS s
    FROM (SELECT line, file, {_head(longest)} AS head FROM {stream}))"""  # noqa: S608


def _head(longest: int) -> str:
    # The cast cuts, and returns a line that fits as it is: comparing it with itself costs nothing.
    return f"CAST(CAST(line AS VARBINARY({longest})) AS BYTES)"


# A byte is a character of Latin-1, so that text functions can work on bytes.
_LENGTH = r"REGEXP_INSTR(DECODE(line, 'ISO-8859-1'), '\z') - 1"
_NOTE = f"U&'\\000A' || CAST({_LENGTH} AS STRING) || ' ' || COALESCE(URL_ENCODE(file), '')"
_CUT = f"""CASE WHEN head = line THEN line
    ELSE ENCODE(DECODE(head, 'ISO-8859-1') || {_NOTE}, 'ISO-8859-1') END"""
"""The line, or its `head` with the note that `jobs.core.parsing.cut_lines` reads.

A window cannot hold a line of megabytes.
"""


def _bucket(value: str, buckets: int) -> str:
    # MOD before ABS: the smallest integer has no absolute value.
    return f"MOD(ABS(MOD(HASH_CODE({value}), 1048576)), {buckets})"


def texts(view: str, roles: Mapping[str, Sequence[str]]) -> str:
    """Lines of a keyed view with the `role` of their text, NULL for a line without a text to use.

    `roles` maps QUERY and COMMENT to the names of the actions with that role.
    """
    cases = [
        f"WHEN JSON_VALUE(s, '$.action') IN ({names}) THEN '{role}'"
        for role, actions in roles.items()
        if (names := ", ".join("'" + name.replace("'", "''") + "'" for name in actions))
    ]
    if not cases:
        return f"SELECT line, bucket, CAST(NULL AS STRING) AS role, s FROM {view}"  # noqa: S608
    # Most lines have no text: LIKE is cheaper than the two JSON look-ups, which they then skip.
    return f"""
SELECT line, bucket, s,
    CASE WHEN s LIKE '%"text"%' AND JSON_VALUE(s, '$.text') IS NOT NULL
    THEN CASE {" ".join(cases)} END END AS role
FROM {view}"""  # noqa: S608


def plain_lines(view: str) -> str:
    """Lines without a text to encode."""
    return f"SELECT line, bucket, PROCTIME() AS arrived FROM {view} WHERE role IS NULL"  # noqa: S608


def lines_with_text(view: str) -> str:
    """Lines with a text to encode, and that text as `spoken`."""
    return f"""
SELECT line, bucket, role, JSON_VALUE(s, '$.text') AS spoken,
    MOD(HASH_CODE(s), {_PARTS}) AS part, PROCTIME() AS arrived
FROM {view} WHERE role IS NOT NULL"""  # noqa: S608


def after_exchange(view: str) -> str:
    """The lines with a text, moved to another task by an exchange.

    In the source's task the encoder would delay every other event. A 10 ms window is the cheapest
    way to make Flink SQL insert an exchange; converting to a DataStream and back would make a
    second source, which reads every line again.
    """
    return f"""
SELECT t.line, bucket, t.role, t.spoken
FROM (
    SELECT bucket, ARRAY_AGG(ROW(line, role, spoken)) AS texts
    FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrived), INTERVAL '0.010' SECOND(2, 3)))
    GROUP BY window_start, window_end, bucket, part
) CROSS JOIN UNNEST(texts) AS t (line, role, spoken)"""  # noqa: S608


def text_lines(view: str, encode: Mapping[str, str], max_chars: int) -> str:
    """Lines with the vector of their text.

    `encode` maps QUERY and COMMENT to the names of functions text -> vector. A text that is empty
    or longer than `max_chars` gets an empty vector: it is not encoded, since Python ignores an
    empty text and makes a dead letter of a line with a longer one.
    """
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
    """Lines of a keyed view with their time of arrival."""
    return f"SELECT line, bucket, PROCTIME() AS arrived FROM {view}"  # noqa: S608


def vectors(changed: str, encode: str) -> str:
    """Changed items with the vector of their document, by the function `encode`."""
    return f"""
SELECT bucket, head, {encode}(document) AS vector, PROCTIME() AS arrived
FROM {changed}"""  # noqa: S608


def batches(view: str, columns: str, batch_ms: int) -> str:
    """One row per bucket and `batch_ms` of processing time, with the aggregates `columns`.

    The input must be unbounded, since the last window of a bounded input never fires.
    """
    return f"""
SELECT bucket, {columns}
{_windows(view, batch_ms)}, bucket"""


def _windows(view: str, length_ms: int) -> str:
    length = f"INTERVAL '{length_ms / 1000:.3f}' SECOND(2, 3)"
    return f"""FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrived), {length}))
GROUP BY window_start, window_end"""


def cut_lines(stream: str, longest: int) -> str:
    """Lines of the table `stream` (`line`, `file`), cut as `keyed_lines` cuts them."""
    return f"""
SELECT {_CUT} AS line
FROM (SELECT line, file, {_head(longest)} AS head FROM {stream})"""  # noqa: S608


def records_to_decode(stream: str, longest: int, parts: int) -> str:
    """Records of the table `stream` with their time of arrival, cut as lines are (`keyed_lines`).

    The table has the columns `line`, `file`, `id`, `headers` and `part`; its parts are put
    together into so many `parts`.
    """
    return f"""
SELECT {_CUT} AS line, id, headers, MOD(part, {parts}) AS part, PROCTIME() AS arrived
FROM (SELECT line, file, id, headers, part, {_head(longest)} AS head FROM {stream})"""  # noqa: S608


def record_batches(view: str, columns: Sequence[str], window_ms: int) -> str:
    """One row per part and `window_ms` of processing time, with arrays of the `columns` of its
    records, in their order."""
    arrays = ", ".join(f"ARRAY_AGG({column})" for column in columns)
    return f"""
SELECT part, {arrays}
{_windows(view, window_ms)}, part"""


def records_alone(view: str, columns: Sequence[str]) -> str:
    """One row per record, as `record_batches` gives them: no window holds the record."""
    arrays = ", ".join(f"ARRAY[{column}]" for column in columns)
    return f"SELECT part, {arrays} FROM {view}"  # noqa: S608


def lines_of_batches(view: str) -> str:
    """Lines of the arrays in the column `lines`, in their order, with an empty `file`."""
    return f"""
SELECT t.line, '' AS file FROM {view} CROSS JOIN UNNEST(lines) AS t (line)"""  # noqa: S608
