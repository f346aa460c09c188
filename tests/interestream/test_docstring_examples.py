"""The examples in the clients' docstrings run as they stand."""

import asyncio
import doctest
from datetime import timedelta

import psycopg
import pytest

import interestream.async_recommender
import interestream.item_filter
import interestream.recommender
from tests.sql.builders import NOON, add_actions, add_item, add_space, interact, seeded
from tests.sql.logins import login


@pytest.mark.parametrize(
    "module", [interestream.recommender, interestream.async_recommender, interestream.item_filter]
)
def test_the_examples_print_what_they_say(module, dsn):
    moon, telescope = seeded(2)
    with psycopg.connect(dsn) as db:
        add_actions(db)
        add_space(db)
        add_item(db, "b-17", moon, title="The Moon in Twelve Evenings", language="en")
        add_item(
            db,
            "b-18",
            telescope,
            title="A First Telescope",
            language="en",
            published_at=NOON - timedelta(days=1),
        )
        add_item(db, "b-19", telescope, title="Das erste Fernrohr", language="de")
        interact(db, "bob", "b-17", "like")
    with login(dsn, "interestream_reader") as reader:
        done = doctest.testmod(module, extraglobs={"dsn": reader, "asyncio": asyncio})
    assert done.attempted > 0
    assert done.failed == 0
