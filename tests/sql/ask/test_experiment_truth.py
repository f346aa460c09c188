"""experiment_report() in the simulator, whose truth is known: signs, intervals, false alarms."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql

from jobs.local.postgres import Server
from jobs.simulator.clicks import ClickChances, Lists, true_rate
from jobs.simulator.simulation import Settings, Simulation, simulate
from tests.sql.builders import ACTIONS
from tests.sql.simulated_shop import fill

CHANCES = ClickChances()
PLAIN = {"variant": "plain", "share": 0.5}
WORSE = {"variant": "strewn", "share": 0.5, "diversity": 0.8}
SAME = {"variant": "same", "share": 0.5}
RUNS = 100
LOOKS = 5

# The database is made once.
pytestmark = pytest.mark.xdist_group("experiments in the simulator")


@dataclass(frozen=True)
class Population:
    """A database with simulated people, and the lists that they get with each variant."""

    db: psycopg.Connection
    simulation: Simulation
    users: list[str]
    lists: Mapping[str, Lists]

    def true_lift(self, variant: str) -> float:
        """What the variant adds to the clicks per shown item, if everybody gets it."""
        plain = true_rate(self.simulation, self.lists["plain"], CHANCES)
        return true_rate(self.simulation, self.lists[variant], CHANCES) / plain - 1


@pytest.fixture(scope="module")
def population(postgres: Server, template_database: str, bundle_dir: Path) -> Iterator[Population]:
    simulation = simulate(Settings(seed=7, users=300, events=4_500, items=300))
    name = "experiments_in_the_simulator"
    database, template = sql.Identifier(name), sql.Identifier(template_database)
    with psycopg.connect(postgres.dsn, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, template))
        with psycopg.connect(postgres.dsn_of(name), autocommit=True) as db:
            with db.transaction():
                users = fill(db, simulation, bundle_dir)
            plain, strewn = ask(db, users), ask(db, users, ", p_diversity => 0.8")
            lists = {"plain": plain, "same": plain, "strewn": strewn}
            yield Population(db, simulation, users, lists)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


def ask(db: psycopg.Connection, users: list[str], more: str = "") -> dict[str, list[str]]:
    """The items that recommend_many() answers, by user."""
    lists: dict[str, list[str]] = {user: [] for user in users}
    statement = f"SELECT user_id, item_id FROM interestream.recommend_many(%s, 10{more})"
    for user, item in db.execute(statement.encode(), [users]):
        lists[user].append(item)
    return lists


def variants_of(db: psycopg.Connection, users: list[str]) -> dict[str, str]:
    return dict(
        db.execute(
            "SELECT u.id, v.variant FROM unnest(%s::text[]) AS u (id)"
            " CROSS JOIN interestream.user_variant(u.id) AS v",
            [users],
        ).fetchall()
    )


def reports(
    people: Population, seed: int, variant: dict[str, object], looks: int
) -> list[dict[str, Any]]:
    """The report's row of the second variant at each look, while people are shown their lists."""
    db, rng = people.db, np.random.default_rng(seed)
    db.execute("TRUNCATE interestream.shown_items, interestream.user_items")
    started = db.execute(
        "SELECT interestream.start_experiment(%s, %s)",
        [f"{variant['variant']}-{seed}", json.dumps([PLAIN, variant])],
    ).fetchone()
    assert started is not None
    shown, clicked = [], []
    for user, own in variants_of(db, people.users).items():
        items = people.lists[own][user]
        clicks = rng.random(len(items)) < CHANCES.of_list(people.simulation, user, items)
        times = rng.integers(looks, size=len(items))
        shown += list(zip(times.tolist(), [user] * len(items), items, strict=True))
        clicked += [
            row for row, is_clicked in zip(shown[-len(items) :], clicks, strict=True) if is_clicked
        ]
    bits = 1 << ACTIONS["view"][0]
    found = []
    for look in range(looks):
        with db.cursor().copy(
            "COPY interestream.shown_items (user_id, item_id, shown_at) FROM STDIN"
        ) as copy:
            for place, user, item in shown:
                if place == look:
                    copy.write_row((user, item, [started[0]]))
        with db.cursor().copy(
            "COPY interestream.user_items (user_id, item_id, actions, first_at, last_at, signal,"
            " signal_at, signal_key) FROM STDIN"
        ) as copy:
            for place, user, item in clicked:
                if place == look:
                    copy.write_row((user, item, bits, *[started[0]] * 2, 1, started[0], 1))
        answer = db.execute("SELECT * FROM interestream.experiment_report()")
        assert answer.description is not None
        names = [column.name for column in answer.description]
        found.append(dict(zip(names, answer.fetchall()[1], strict=True)))
    db.execute("SELECT interestream.end_experiment()")
    return found


def test_what_recommend_gives_while_an_experiment_runs_is_the_users_variant(population):
    db = population.db
    db.execute("SELECT interestream.start_experiment('asked', %s)", [json.dumps([PLAIN, WORSE])])
    users = population.users[:60]
    of_user = variants_of(db, users)
    answered = ask(db, users)
    assert set(of_user.values()) == {"plain", "strewn"}
    assert answered == {user: population.lists[of_user[user]][user] for user in users}
    db.execute("SELECT interestream.end_experiment()")


@pytest.mark.long
def test_a_worse_variant_is_told_apart_and_the_true_lift_is_in_the_interval(population):
    true = population.true_lift("strewn")
    assert true < -0.2
    found = [reports(population, seed, WORSE, 1)[-1] for seed in range(RUNS)]
    right = [row["verdict"] == "worse" and row["lift"] < 0 for row in found]
    covered = [row["low"] <= true <= row["high"] for row in found]
    covered_once = [row["low_once"] <= true <= row["high_once"] for row in found]
    assert sum(right) >= 95
    assert sum(covered) >= 95
    assert sum(covered_once) >= 90


@pytest.mark.long
def test_equal_variants_are_seldom_called_different_however_often_one_looks(population):
    found = [reports(population, seed, SAME, LOOKS) for seed in range(RUNS)]
    called = [any(row["verdict"] in ("better", "worse") for row in looks) for looks in found]
    once = [
        any(
            row["low_once"] is not None and not row["low_once"] <= 0 <= row["high_once"]
            for row in looks
        )
        for looks in found
    ]
    assert sum(called) <= 5
    assert sum(once) > 5  # What looking often does to intervals for one look.
    assert not any(row["verdict"] == "split mismatch" for looks in found for row in looks)


def interleaved(people: Population, name: str, variant: dict[str, object]) -> list[Any]:
    """Verdict and lift of 100 draws of clicks on lists that are made of two variants."""
    db = people.db
    db.execute("TRUNCATE interestream.shown_items, interestream.user_items")
    db.execute(
        "SELECT interestream.start_experiment(%s, %s, 'interleaving')",
        [name, json.dumps([PLAIN, variant])],
    )
    rows = db.execute(
        "SELECT user_id, item_id, parts ->> 'variant' FROM interestream.recommend_many(%s, 10)",
        [people.users],
    ).fetchall()
    teams = np.array([team for *_, team in rows])
    chances = np.concatenate(
        [CHANCES.of_list(people.simulation, user, [item]) for user, item, _ in rows]
    )
    found = []
    for seed in range(RUNS):
        clicks = np.random.default_rng(seed).random(len(rows)) < chances
        db.execute("TRUNCATE interestream.click_counts")
        for team in np.unique(teams).tolist():
            own = teams == team
            db.execute(
                "INSERT INTO interestream.click_counts VALUES (1, 0, '', 0, '', %s, %s, %s)",
                [team, int(own.sum()), int(clicks[own].sum())],
            )
        found.append(
            db.execute("SELECT verdict, lift FROM interestream.experiment_report()").fetchall()[1]
        )
    db.execute("SELECT interestream.end_experiment()")
    return found


@pytest.mark.long
def test_interleaving_tells_a_worse_variant_apart_and_equal_ones_not(population):
    worse = interleaved(population, "teams", WORSE)
    assert sum(verdict == "worse" and lift < 0 for verdict, lift in worse) >= 95
    same = interleaved(population, "alike", SAME)
    assert sum(verdict in ("better", "worse") for verdict, _ in same) <= 5
