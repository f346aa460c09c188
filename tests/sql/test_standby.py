"""A streaming replica answers every question, and refuses what writes."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from interestream import Recommender
from jobs.local.postgres import Server
from tests.fixtures.standby import caught_up, hot_standby
from tests.sql.calls import READING, SUPPOSING, TASKS
from tests.sql.logins import login


@pytest.fixture
def standby_port(postgres: Server) -> Iterator[int]:
    """Port of a hot standby of the session's server."""
    with hot_standby(postgres) as port:
        yield port


def test_a_hot_standby_answers_every_question_and_refuses_what_writes(
    filled: str, standby_port: int
) -> None:
    standby = make_conninfo(filled, port=standby_port)
    with psycopg.connect(filled) as primary:
        primary.execute(f"SELECT interestream.create_space({TASKS['create_space']})")
    with login(filled, "interestream_reader") as reader:
        caught_up(filled, standby)
        with (
            psycopg.connect(reader, autocommit=True) as there,
            psycopg.connect(make_conninfo(reader, port=standby_port), autocommit=True) as here,
        ):
            assert here.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            for name, arguments in READING.items():
                query = f"SELECT * FROM interestream.{name}({arguments})"
                assert here.execute(query).fetchall() == there.execute(query).fetchall(), name
            picks = Recommender(here).recommend("ann", 5)
        assert len(picks) == 5
    with psycopg.connect(standby, autocommit=True) as superuser:
        # What locks alone writes nothing, nor does what finds nothing to change.
        locks = {"lock_groups", "deleted_items_since", "check_batch", "hold_space"}
        computes = {"check_variant", "lowest_places", "shared_places"}
        for name in TASKS.keys() - locks - computes - {"remove_leftovers", "settle_groups"}:
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                superuser.execute(f"SELECT interestream.{name}({TASKS[name]})")
        for name, arguments in SUPPOSING.items():
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                superuser.execute(f"SELECT interestream.{name}({arguments})")
