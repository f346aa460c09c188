"""Starts experiments, and reports what users were shown and did, for the SQL tests."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import psycopg

from tests.sql.builders import ACTIONS

PLAIN = {"variant": "plain", "share": 0.5}
BOLD = {"variant": "bold", "share": 0.5, "diversity": 1.0}


def start(
    db: psycopg.Connection, *variants: dict[str, Any], name: str = "trial", kind: str = "split"
) -> datetime:
    """Start an experiment, by default of `PLAIN` and `BOLD`; returns when it started."""
    row = db.execute(
        "SELECT interestream.start_experiment(%s, %s, %s)",
        [name, json.dumps(variants or [PLAIN, BOLD]), kind],
    ).fetchone()
    assert row is not None
    started: datetime = row[0]
    return started


def variant_of(db: psycopg.Connection, user: str, name: str | None = None) -> str | None:
    """The variant of a user; None outside of the shares."""
    row = db.execute("SELECT variant FROM interestream.user_variant(%s, %s)", [user, name])
    found = row.fetchone()
    return None if found is None else found[0]


def show(
    db: psycopg.Connection, user: str, items: Iterable[str], at: datetime, clicked: int = 0
) -> None:
    """Items shown to a user at a time, and the first `clicked` of them viewed a minute later."""
    for number, item in enumerate(items):
        db.execute("INSERT INTO interestream.shown_items VALUES (%s, %s, %s)", [user, item, [at]])
        if number < clicked:
            later = at + timedelta(minutes=1)
            db.execute(
                "INSERT INTO interestream.user_items"
                " (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)"
                " VALUES (%s, %s, %s, %s, %s, 1, %s, 1)",
                [user, item, 1 << ACTIONS["view"][0] | 1, at, later, later],
            )
