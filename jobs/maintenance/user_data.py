"""Reads everything that Postgres knows about a user."""

from typing import Any

import orjson
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

# Every table of the schema with a column of users, whoever made it: nothing has to be listed here.
_TABLES = """
SELECT c.relname FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attname = 'user_id' AND NOT a.attisdropped
ORDER BY c.relname
"""
_VECTORS = ("halfvec", "vector")
_SPACES = """
SELECT s.space_id FROM interestream.spaces AS s
WHERE s.of_space IS NULL AND EXISTS (
    SELECT FROM interestream.user_windows AS w WHERE w.space_id = s.space_id AND w.user_id = %s
)
ORDER BY s.space_id
"""
_INTERESTS = """
SELECT u.space_id, m.rank::integer AS rank, m.item_id, i.title, m.share, m.size
FROM interestream.users AS u
CROSS JOIN LATERAL unnest(u.interest_items, u.interest_weights, u.interest_sizes)
    WITH ORDINALITY AS m (item_id, share, size, rank)
LEFT JOIN interestream.items AS i ON i.item_id = m.item_id
WHERE u.user_id = %s
ORDER BY u.space_id, m.rank
"""
_TITLES = """
SELECT r.item_id, i.title FROM interestream.user_items AS r
INNER JOIN interestream.items AS i ON i.item_id = r.item_id
WHERE r.user_id = %s
ORDER BY r.item_id
"""
_ACTIONS = "SELECT action, bit FROM interestream.actions ORDER BY bit"

ELSEWHERE = {
    "streams": "records as they came, for as long as sources.keep_s, or the topic's own retention,"
    " keeps them",
    "state of the job": "what the rows are computed from (sums of vectors, the last interactions,"
    " ids of events), events that wait for their item, users that were merged into others, and, of"
    " a user who was forgotten or has opted out, a digest of the id, by which later events are left"
    " out; for a few checkpoints the table transfers holds some of it, too",
    "dead letters": "records whose user_id could not be read",
}
"""What is known of a user, or was, outside of the tables."""


def user_data(db: psycopg.Connection, user: str) -> dict[str, Any]:
    """Return the rows of a user in every table that has users, and what follows from them.

    `tables` has the rows by table, with vectors as lists of numbers and the bytes of records as
    they are; rows of `user_items` name their actions and the item's title. `interests` and `topics`
    (shares, by space) are what the functions of these names are made of. Call it in a transaction,
    so that all is of one moment. Raises psycopg.errors.InsufficientPrivilege for a role that may
    not read one of the tables: what is there in part must not look like all.
    """
    with db.cursor(row_factory=dict_row) as cursor:
        names = [row["relname"] for row in cursor.execute(_TABLES).fetchall()]
        tables = {name: _rows(cursor, name, user) for name in names}
        if "user_items" in tables:
            _explain(cursor, tables["user_items"], user)
        return {
            "user_id": user,
            "known": any(tables.values()),
            "tables": tables,
            "interests": cursor.execute(_INTERESTS, (user,)).fetchall(),
            "topics": [
                {"space_id": each["space_id"], **row}
                for each in cursor.execute(_SPACES, (user,)).fetchall()
                for row in _topics(cursor, user, each["space_id"])
            ],
            "elsewhere": ELSEWHERE,
        }


def _rows(cursor: psycopg.Cursor[dict[str, Any]], table: str, user: str) -> list[dict[str, Any]]:
    query = sql.SQL("SELECT * FROM interestream.{} WHERE user_id = %s").format(
        sql.Identifier(table)
    )
    rows = cursor.execute(query, (user,)).fetchall()
    types = cursor.connection.execute(
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = ('interestream.' || quote_ident(%s))::regclass AND attnum > 0"
        " AND NOT attisdropped",
        (table,),
    ).fetchall()
    vectors = [name for name, kind in types if kind.rpartition(".")[2] in _VECTORS]
    return [_readable(row, vectors) for row in rows]


def _readable(row: dict[str, Any], vectors: list[str]) -> dict[str, Any]:
    numbers = {name: orjson.loads(row[name]) for name in vectors if row[name] is not None}
    return {**row, **numbers}


def _explain(cursor: psycopg.Cursor[dict[str, Any]], rows: list[dict[str, Any]], user: str) -> None:
    actions = cursor.execute(_ACTIONS).fetchall()
    titles = {row["item_id"]: row["title"] for row in cursor.execute(_TITLES, (user,)).fetchall()}
    for row in rows:
        row["did"] = [each["action"] for each in actions if row["actions"] >> each["bit"] & 1]
        row["title"] = titles.get(row["item_id"])


def _topics(cursor: psycopg.Cursor[dict[str, Any]], user: str, space: int) -> list[dict[str, Any]]:
    query = "SELECT * FROM interestream.user_topics(%s, 100, %s)"
    return cursor.execute(query, (user, space)).fetchall()
