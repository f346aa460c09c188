"""A small catalogue that a reader asks over a login of their own."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_actions,
    add_item,
    add_space,
    interact,
    seeded,
    set_interests,
    set_window,
)
from tests.sql.logins import login

ITEMS = 40


@pytest.fixture
def reader_dsn(dsn: str) -> Iterator[str]:
    """DSN of a member of interestream_reader; ada has windows and interests, bob has little."""
    with psycopg.connect(dsn) as db:
        add_actions(db)
        add_space(db)
        for number, vector in enumerate(seeded(ITEMS)):
            add_item(
                db,
                f"i{number}",
                vector,
                title=f"Title {number}",
                categories=["even" if number % 2 == 0 else "odd"],
                language=["en", "de", None][number % 3],
                attributes={"pages": number % 5},
                published_at=NOON - timedelta(days=number),
            )
        for kind, vector in zip(("recent", "month", "dislikes"), seeded(3, seed=1), strict=True):
            set_window(db, "ada", kind, vector)
        set_interests(db, "ada", ["i7"])
        # Ada's windows are near i6, and nothing that she has met is.
        topics = {"music": 0, "history": 1, "books and writing": 2, "travel and places": 6}
        for topic, number in topics.items():
            db.execute(
                "INSERT INTO interestream.topic_vectors"
                " SELECT space_id, %s, embedding, 'sha' FROM interestream.item_vectors"
                " WHERE item_id = %s",
                [topic, f"i{number}"],
            )
        set_window(db, "bob", "recent", seeded(1, seed=2)[0])
        set_interests(db, "bob", ["i7"])
        for user in ("ada", "bob"):
            interact(db, user, "i7", "like")
        interact(db, "ada", "i8", "dislike")
        db.execute(
            "INSERT INTO interestream.job_progress"
            " VALUES (1, 'events', 0, 1, 9, 1, 1, 0, 7, 0, %s)",
            [NOON],
        )
        db.execute(
            "SELECT interestream.start_experiment('trial', %s), interestream.end_experiment()",
            ['[{"variant": "plain", "share": 0.5}, {"variant": "bold", "share": 0.5}]'],
        )
    with login(dsn, "interestream_reader") as reader:
        yield reader
