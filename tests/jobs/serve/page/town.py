"""A population that tests of pages read, and do not change: one for all tests of a process."""

import psycopg
import pytest
from psycopg import sql

from jobs.local.postgres import Server
from tests.jobs.serve.page.population import Population, populate

DATABASE = "interestream_town"


@pytest.fixture(scope="session")
def town(postgres: Server, template_database: str) -> Population:
    """120 people, 300 items, a month; the topics of all people are kept."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(postgres.dsn, autocommit=True) as db:
        db.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(template_database)))
    population = populate(postgres.dsn_of(DATABASE))
    with psycopg.connect(population.dsn, autocommit=True) as db:
        db.execute("SELECT interestream.keep_topics(1, 28, NULL, 1000)")
    return population
