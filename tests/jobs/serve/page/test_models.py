"""The page of models: weights with what was learned, spaces, experiments."""

import psycopg

from tests.jobs.serve.served import serving
from tests.sql.builders import add_space
from tests.sql.logins import login


def models(dsn: str) -> str:
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("models")
    assert status == 200
    return text


def test_a_weight_shows_the_sum_and_what_was_learned_of_it(filled):
    with psycopg.connect(filled) as db:
        db.execute("DELETE FROM interestream.source_weights")
        db.execute("INSERT INTO interestream.source_weights VALUES ('few', 'text', 2.5)")
        for segment, delta in (("all", 0.5), ("few", 0.125), ("many", 9)):
            db.execute(
                "INSERT INTO interestream.learned_weights VALUES (1, %s, 'text', %s, 1)",
                (segment, delta),
            )
        db.execute("INSERT INTO interestream.learning VALUES (1, 'few', 1840, 100, 46)")
    text = models(filled)
    assert "3.12" in text
    assert "+0.62" in text
    assert "1,840 questions" in text
    assert "46%" in text


def test_every_space_has_its_model_and_what_its_job_has_read(filled):
    with psycopg.connect(filled) as db:
        add_space(db, dim=16, sha256="bb", index=False)
        db.execute(
            "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
            " duplicates, dead_letters, waiting, applied, excluded)"
            " VALUES (1, 'events', 0, 1, 31212, 0, 0, 0, 31000, 0)"
        )
    text = models(filled)
    assert "1: mini@1" in text
    assert "8 dimensions" in text
    assert "16 dimensions" in text
    assert "31,212" in text
    assert text.count("No job has written into it.") == 1


def test_without_experiments_the_page_says_so(filled):
    assert "No experiments: nothing is being tried, and nothing was." in models(filled)


def test_a_running_experiment_shows_its_variants(filled):
    with psycopg.connect(filled) as db:
        db.execute(
            "SELECT interestream.start_experiment('calm-lists', "
            """'[{"variant": "control", "share": 0.5}, {"variant": "varied", "share": 0.5,"""
            """ "diversity": 0.8}]', p_description => 'Less <b>of</b>')"""
        )
    text = models(filled)
    assert "calm-lists" in text
    assert "running" in text
    assert "varied" in text
    assert "too early" in text
    assert "Less &lt;b&gt;of&lt;/b&gt;" in text


def test_an_empty_database_has_a_page(dsn):
    text = models(dsn)
    assert "No space is active." in text


def test_a_segment_of_which_nobody_was_asked_says_that_all_users_taught_it(filled):
    with psycopg.connect(filled) as db:
        db.execute("DELETE FROM interestream.source_weights")
        for segment in ("few", "many"):
            db.execute(
                "INSERT INTO interestream.source_weights VALUES (%s, 'text', 2.5)", (segment,)
            )
        db.execute("INSERT INTO interestream.learned_weights VALUES (1, 'all', 'text', 0.5, 1)")
        db.execute("INSERT INTO interestream.learning VALUES (1, 'few', 1840, 100, 46)")
    text = models(filled)
    assert text.count("what is learned of all users together counts for them") == 1
    # Of users who liked nothing no source has a weight, so nothing can be learned.
    assert text.count("Nothing is learned yet.") == 1
