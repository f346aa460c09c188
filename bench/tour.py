"""Writes docs/tour.md: the answers of `recommend()` and other functions on real data sets.

Every data set is replayed into a fresh database, and the page shows the rows that Postgres
returned.
"""

from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from jobs.datasets.dataset import Dataset
from jobs.datasets.detect import open_dataset
from jobs.local.stack import HOME, fresh_postgres, stack
from jobs.replay.replay import Replay
from jobs.spaces.build import documents
from model_export.ensure import ensure_bundle

console = Console()

PICK = """
SELECT user_id FROM interestream.users WHERE events BETWEEN 15 AND 60
ORDER BY md5(user_id) LIMIT %s
"""
LIKED = """
SELECT i.title, ui.signal, ui.signal_at::date AS liked_at FROM interestream.user_items AS ui
JOIN interestream.items AS i USING (item_id)
WHERE ui.user_id = %s AND ui.signal > 0 ORDER BY ui.signal_at DESC, ui.signal_key DESC LIMIT 6
"""
RECOMMEND = """
SELECT rank, title, round(score::numeric, 3) AS score, reason
FROM interestream.recommend(%s, 6) ORDER BY rank
"""
FILTERED = """
SELECT rank, title, categories, round(score::numeric, 3) AS score
FROM interestream.recommend(%s, 5, %s) ORDER BY rank
"""
TRENDING = "SELECT title, round(score::numeric, 2) AS score FROM interestream.trending(5)"
UNKNOWN_USER = """
SELECT rank, title, reason FROM interestream.recommend('somebody new', 4) ORDER BY rank
"""
SIMILAR = """
SELECT i.title AS like_this, s.title, round(s.similarity::numeric, 3) AS similarity
FROM interestream.items AS i
CROSS JOIN LATERAL interestream.similar_items(i.item_id, 5) AS s
WHERE i.item_id = %s
"""


def main(
    folders: Annotated[list[Path], typer.Argument(help="folders of data sets")],
    out: Annotated[Path, typer.Option(help="the page to write")] = Path("docs/tour.md"),
    users: Annotated[int, typer.Option(help="users per set")] = 2,
) -> None:
    """Replay each folder and write the page."""
    parts = [
        "# A tour of the answers",
        "Real output on three public data sets, written by `python -m bench.tour FOLDER ...`."
        " Users are picked by a hash of their id, not by how good their lists look.",
    ]
    for folder in folders:
        parts += _set(open_dataset(folder), users)
    out.write_text("\n\n".join(parts) + "\n")
    console.print(f"wrote {out}")


def _set(dataset: Dataset, users: int) -> list[str]:
    with (
        fresh_postgres(HOME / "tour" / "postgres") as server,
        stack(
            server.dsn,
            ensure_bundle(HOME / "bundles"),
            documents(dataset.items()),
            HOME / "tour" / "job",
            overrides=["encoder.threads=2"],
        ) as running,
        psycopg.connect(server.dsn, autocommit=True) as db,
    ):
        report = Replay(db, running.space_id, running.feed, check=running.job.check).run(dataset)
        console.print(
            f"{dataset.name}: {report.events:,} events, {report.events_per_s:,.0f} events/s;"
            f" {report.items:,} items in {report.items_s:.1f} s"
        )
        parts = [
            f"## {dataset.name}",
            f"{report.items:,} items, {report.events:,} events, "
            f"{_one(db, 'SELECT count(*) FROM interestream.users'):,} users.",
        ]
        for (user_id,) in db.execute(PICK, (users,)).fetchall():
            parts += [
                f"### User {user_id}",
                "Liked last:",
                _table(db, LIKED, user_id),
                f"`SELECT * FROM interestream.recommend('{user_id}', 6)`:",
                _table(db, RECOMMEND, user_id),
            ]
        category = _one(
            db,
            "SELECT c FROM interestream.items, unnest(categories) AS c"
            " GROUP BY c ORDER BY count(*) DESC OFFSET 3 LIMIT 1",
        )
        if category is not None:
            parts += [
                f"The same user, only `{category}`:",
                _table(db, FILTERED, user_id, [category]),
            ]
        top = _one(db, "SELECT item_id FROM interestream.trending(1)")
        parts += [
            "### Everybody, and somebody new",
            "`SELECT * FROM interestream.trending(5)`:",
            _table(db, TRENDING),
            "`SELECT * FROM interestream.recommend('somebody new', 4)`:",
            _table(db, UNKNOWN_USER),
            f"`SELECT * FROM interestream.similar_items('{top}', 5)`:",
            _table(db, SIMILAR, top),
        ]
        return parts


def _one(db: psycopg.Connection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None


def _table(db: psycopg.Connection, query: str, *values: object) -> str:
    cursor = db.execute(query, values)
    names = [column.name for column in cursor.description or ()]
    rows = [[_cell(value) for value in row] for row in cursor.fetchall()]
    head = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join(head + ["| " + " | ".join(row) + " |" for row in rows])


def _cell(value: object) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return (text[:90] + "…" if len(text) > 90 else text).replace("|", "\\|")


if __name__ == "__main__":
    typer.run(main)
