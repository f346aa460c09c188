"""The exact answers of `bench.recommend` are those of `recommend()`, and its times are right."""

import multiprocessing
from io import StringIO

import numpy as np
import psycopg
import pytest
from rich.console import Console

from bench.harness.progress import run_bar
from bench.recommend.catalogue import NOISE, catalogue, neighbour_profile, people, stored
from bench.recommend.catalogue_file import load, save
from bench.recommend.database import Built, fill
from bench.recommend.measure import Timed
from bench.recommend.plan import Plan, measured_of
from bench.recommend.result import Measured, figures
from bench.recommend.sources import sources
from bench.recommend.writer import WriterError, writing
from tests.sql.builders import clustered

DIM, PEOPLE = 48, 6
COMPARED, SEARCHED = 900, 3_000
"""Numbers of items: so few that all are compared, and so many that the index is scanned."""


@pytest.fixture(scope="module")
def titles():
    vectors, _ = clustered(600, DIM, clusters=20)
    return vectors


@pytest.mark.parametrize(("n", "at_least"), [(COMPARED, 0.999), (SEARCHED, 0.95)])
def test_the_exact_answer_is_that_of_the_function(dsn, titles, n, at_least):
    items = catalogue(titles, n)
    who = list(people(items, PEOPLE))
    with run_bar(Console(file=StringIO()), "test", 0) as bar:
        with psycopg.connect(dsn, autocommit=True) as db:
            fill(db, "0" * 64, items, who, bar)
            db.execute("SELECT interestream.index_space(1)")
            before = rows(db)
        report: dict[str, float] = {}
        found = measured_of(
            Built(dsn, items, who, sources(n, who), {}),
            Plan(PEOPLE, 1, 3, PEOPLE, "", False),
            bar,
            report,
        )
    assert sum(one.recall is not None for one in found) >= 6
    assert min(one.recall for one in found if one.recall is not None) >= at_least
    for one in found:
        for timed in (one.alone, one.under_writes):
            assert 0 < timed.p50_ms <= timed.p99_ms
    assert report["written_rows_per_s"] > 0
    with psycopg.connect(dsn) as db:
        assert rows(db) == before


@pytest.mark.timeout(60)
def test_a_writer_that_is_killed_is_an_error_and_no_endless_wait(dsn, titles):
    items = catalogue(titles, COMPARED)
    with (
        psycopg.connect(dsn, autocommit=True) as db,
        run_bar(Console(file=StringIO()), "t", 0) as bar,
    ):
        fill(db, "0" * 64, items, list(people(items, PEOPLE)), bar)
    with pytest.raises(WriterError, match="ended with code -15"):
        kill_the_writer(dsn, items)


def kill_the_writer(dsn, items):
    with writing(dsn, items):
        for process in multiprocessing.active_children():
            process.terminate()
            process.join()


def rows(db):
    tables = ("items", "item_vectors", "user_windows", "user_items", "users")
    return [db.execute(f"SELECT count(*) FROM interestream.{table}").fetchone() for table in tables]


def test_a_catalogue_is_kept_as_it_was(tmp_path, titles):
    items = catalogue(titles, 1_000)
    who = list(people(items, PEOPLE))
    save(tmp_path / "kept.npz", items, who)
    again, people_again = load(tmp_path / "kept.npz")
    for name, column in vars(items).items():
        np.testing.assert_array_equal(getattr(again, name), column)
    for one, other in zip(who, people_again, strict=True):
        for name, own in vars(one).items():
            np.testing.assert_array_equal(getattr(other, name), own)


def test_people_saw_items_near_their_interests_and_dislike_others(titles):
    items = catalogue(titles, 2_000)
    for person in people(items, PEOPLE):
        nearest = (items.vectors[person.seen] @ items.vectors[person.medoids].T).max(axis=1)
        assert nearest.mean() > (items.vectors @ items.vectors[person.medoids].T).max(axis=1).mean()
        assert not set(person.seen) & set(person.disliked)
        assert set(person.medoids) <= set(person.seen)


def test_variations_lie_near_titles_and_repeat_none(titles):
    more = catalogue(titles, 5 * len(titles)).vectors
    assert neighbour_profile(more)["1"] < 0.99
    nearest = (more @ stored(titles).T).max(axis=1)
    variations = nearest[nearest < 0.999]
    assert len(variations) == 4 * len(titles)
    # A mixture of titles within one cluster, and a part at right angles to everything.
    assert np.median(variations) == pytest.approx(1 / np.hypot(1, NOISE), abs=0.07)


@pytest.mark.parametrize(
    ("items", "p99_ms", "recall", "quiet", "met"),
    [
        (100_000, 15.0, 0.97, True, [True, True]),
        (100_000, 15.1, 0.969, True, [False, False]),
        (1_000_000, 40.0, 0.95, True, [True, True]),
        (100_000, 99.0, 0.97, False, [None, True]),
        (10_000, 99.0, 0.1, True, [None, None]),
    ],
)
def test_times_are_judged_on_a_quiet_machine_only(items, p99_ms, recall, quiet, met):
    alone, busy = Timed(500, 5.0, 9.0, 4.0), Timed(500, 6.0, p99_ms, 4.0)
    found = figures([Measured("no filter", items, 50, alone, busy, recall, 0.9)], quiet=quiet)
    assert [figure.met for figure in found] == met
    assert [figure.value for figure in found] == [p99_ms, recall]
    assert found[0].reference == 9.0
