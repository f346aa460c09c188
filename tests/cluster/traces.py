"""Where a text has left a trace: in any table of any schema, and in files."""

from pathlib import Path

import psycopg
from psycopg import sql

_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""


def tables_naming(db: psycopg.Connection, text: str) -> dict[str, int]:
    """Number of rows that hold the text, as characters or as bytes, by table of any schema.

    Partitions and their parents both count.
    """
    found = {}
    for schema, table in db.execute(_TABLES).fetchall():
        query = sql.SQL(
            "SELECT count(*) FROM {} AS t WHERE strpos(t::text, %s) > 0 OR strpos(t::text, %s) > 0"
        ).format(sql.Identifier(schema, table))
        (count,) = db.execute(query, (text, text.encode().hex())).fetchone() or (0,)
        if count:
            found[table] = count
    return found


def files_naming(folder: Path, text: str) -> list[str]:
    """The files below a folder that hold the text, in any encoding that Java or Python writes."""
    forms = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    forms.append(text.encode().hex().encode())
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    )
