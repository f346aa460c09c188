"""Databases with people in them; the one of a module is only read."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from jobs.local.postgres import Server
from tests.jobs.serve.page.population import Population, populate
from tests.sql.conftest import filled

__all__ = ["filled", "population"]

NAME = "population"


@pytest.fixture(scope="module")
def population(postgres: Server, template_database: str) -> Iterator[Population]:
    """A simulated population, for all tests of a module that read."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    name = sql.Identifier(NAME)
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(create.format(name, sql.Identifier(template_database)))
        yield populate(postgres.dsn_of(NAME))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
