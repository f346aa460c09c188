"""Rows that an earlier version wrote, after an upgrade."""

import shutil
from pathlib import Path

import psycopg
import pytest

from sql.apply import HERE, apply


@pytest.fixture
def before_groups(empty_dsn: str, tmp_path: Path) -> str:
    """DSN of a database with the migrations before groups, and no functions."""
    root = tmp_path / "sql"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for migration in (root / "migrations").glob("*.sql"):
        if migration.name >= "0013":
            migration.unlink()
    for function in (root / "functions").glob("*/*.sql"):
        function.unlink()
    (root / "grants.sql").unlink()
    apply(empty_dsn, root=root)
    return empty_dsn


def test_items_of_one_title_and_text_become_a_group(before_groups):
    with psycopg.connect(before_groups, autocommit=True) as db:
        db.execute(
            """
            INSERT INTO interestream.items (item_id, title, body, available, epoch, version)
            VALUES ('a', 't', 'b', false, 1, 1), ('b', 't', 'b', true, 1, 1),
                ('c', 't', 'b', true, 1, 1), ('d', 't', NULL, true, 1, 1)
            """
        )
        apply(before_groups)
        found = db.execute("SELECT item_id, representative FROM interestream.items").fetchall()
        assert dict(found) == {"a": "b", "b": "b", "c": "b", "d": None}
