"""Views of others that stand on recommend(), item_filter() and its type, before an upgrade."""

import shutil
from pathlib import Path

import psycopg
import pytest

from sql.apply import HERE, apply
from tests.sql.builders import add_items, add_space, seeded

BEFORE = {
    "item_filter": """
CREATE OR REPLACE FUNCTION interestream.item_filter(
    p_categories text[] DEFAULT NULL, p_languages text[] DEFAULT NULL,
    p_attributes jsonb DEFAULT NULL, p_published_after timestamptz DEFAULT NULL
) RETURNS interestream.item_filter LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ROW(p_categories, p_languages, p_attributes, p_published_after)::interestream.item_filter
$$;
""",
    "similar_items": """
CREATE OR REPLACE FUNCTION interestream.similar_items(p_item text, p_k integer DEFAULT 10)
RETURNS TABLE (rank integer, item_id text) LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 1, 'x' $$;
""",
}


@pytest.fixture
def before(empty_dsn: str, tmp_path: Path) -> str:
    """DSN of a database with the migrations before ranges, and two functions as they were."""
    root = tmp_path / "sql"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for migration in (root / "migrations").glob("*.sql"):
        if migration.name >= "0020":
            migration.unlink()
    for function in (root / "functions").glob("*/*.sql"):
        if function.stem in BEFORE:
            function.write_text(BEFORE[function.stem])
        else:
            function.unlink()
    (root / "grants.sql").unlink()
    apply(empty_dsn, root=root)
    return empty_dsn


def test_a_column_of_filters_and_views_on_them_outlive_the_upgrade(before):
    with psycopg.connect(before, autocommit=True) as db:
        db.execute("CREATE TABLE saved (wanted interestream.item_filter)")
        db.execute("INSERT INTO saved VALUES (interestream.item_filter('{a}'))")
        db.execute(
            "CREATE VIEW made AS SELECT interestream.item_filter('{b}') AS wanted,"
            " ROW(NULL, '{de}'::text[], NULL, NULL)::interestream.item_filter AS written"
        )
        db.execute("CREATE VIEW like_i0 AS SELECT * FROM interestream.similar_items('i0', 2)")
        apply(before)
        add_space(db)
        add_items(db, seeded(5))
        for table, field, expected in [
            ("saved", "(wanted).categories", ["a"]),
            ("saved", "(wanted).ranges", None),
            ("made", "(wanted).categories", ["b"]),
            ("made", "(written).languages", ["de"]),
            ("made", "(written).not_types", None),
        ]:
            row = db.execute(f"SELECT {field} FROM {table}").fetchone()
            assert row == (expected,)
        new = db.execute("SELECT rank, item_id FROM interestream.similar_items('i0', 2)").fetchall()
        assert db.execute("SELECT * FROM like_i0").fetchall() == new
        assert len(new) == 2
        passing = db.execute(
            "SELECT count(*) FROM interestream.items AS i, saved"
            " WHERE interestream.passes_filter(i, saved.wanted)"
        ).fetchone()
        assert passing == (0,)
