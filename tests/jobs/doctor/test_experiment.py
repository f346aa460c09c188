"""Doctor tells of the experiment that runs, and of what its report warns."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from jobs.doctor.experiment import check_experiment
from tests.sql.builders import add_actions, add_item, add_space, seeded
from tests.sql.experiments import show, start, variant_of


@pytest.fixture
def shop(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        add_actions(db)
        for number, vector in enumerate(seeded(10)):
            add_item(db, f"i{number}", vector)
        yield db


def test_without_an_experiment_there_is_nothing_to_say(shop: psycopg.Connection) -> None:
    assert check_experiment(shop) == []


def test_a_running_experiment_is_told_with_its_verdicts(shop: psycopg.Connection) -> None:
    start(shop)
    (found,) = check_experiment(shop)
    assert found.level == "ok"
    assert found.found.startswith("'trial' has run for ")
    assert "(plain: control, bold: too early)" in found.found


def test_a_split_that_is_not_what_it_should_be_is_a_warning(shop: psycopg.Connection) -> None:
    started = start(shop)
    of_plain = [user for n in range(900) if variant_of(shop, user := f"user{n}") == "plain"]
    for user in of_plain[:200]:
        show(shop, user, ["i0"], started + timedelta(minutes=1))
    first, warning, *_ = check_experiment(shop)
    assert first.level == "ok"
    assert warning.level == "warn"
    assert "not split as the shares say" in warning.found
    assert warning.advice == "interestream experiment report trial"


def test_an_older_schema_is_told_elsewhere(shop: psycopg.Connection) -> None:
    shop.execute("DROP TABLE interestream.experiments CASCADE")
    assert check_experiment(shop) == []
