"""Asking with changed settings leaves the settings as they are."""

import psycopg
import pytest

from jobs.evaluation.asking import Asker
from jobs.evaluation.errors import EvaluationError

WEIGHT = "SELECT weight FROM interestream.score_weights WHERE part = 'blend'"
OTHER_ANSWER = """
UPDATE interestream.score_weights SET weight = 0 WHERE part = 'blend';
CREATE OR REPLACE FUNCTION interestream.recommend_cold(
    p_user text, p_k integer, p_space integer, p_filter interestream.item_filter, p_exclude text[],
    p_weights jsonb DEFAULT NULL
) RETURNS TABLE (
    rank integer, item_id text, title text, categories text[], score real, reason text, source text,
    source_item_id text, source_title text, nearest_liked_item_id text, nearest_liked_title text,
    parts jsonb
) LANGUAGE sql STABLE AS $$
    SELECT 1, 'another', 'Another', '{}'::text[], 0.5::real, '', 'new', NULL, NULL, NULL, NULL,
        '{}'::jsonb
$$;
"""


@pytest.fixture
def db(job_dsn):
    with psycopg.connect(job_dsn, autocommit=True) as connection:
        created = "SELECT interestream.create_space('e', '1', 'f', 2, '{0, 0}', false)"
        space = connection.execute(created).fetchall()[0][0]
        connection.execute("SELECT interestream.activate_space(%s)", (space,))
        for item in ("old", "new"):
            connection.execute(
                "INSERT INTO interestream.items (item_id, title, published_at, epoch, version)"
                " VALUES (%s, %s, %s, 1, 1)",
                (item, item.title(), "2025-01-02" if item == "new" else "2025-01-01"),
            )
        yield connection


def test_the_answer_is_that_of_recommend_with_its_chances(db):
    answer = Asker(db).ask("ada")
    assert answer.item_ids == ("new", "old")
    assert answer.chances == (0, 0)  # nothing is popular yet
    assert answer.ms > 0


def test_statements_change_the_answer_and_are_rolled_back(db, job_dsn):
    before = db.execute(WEIGHT).fetchone()
    with psycopg.connect(job_dsn, autocommit=True) as second:
        changed = Asker(second, OTHER_ANSWER)
        assert changed.ask("ada").item_ids == ("another",)
        assert Asker(db).ask("ada").item_ids == ("new", "old")
        assert changed.ask("ada").item_ids == ("another",)
        assert second.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert db.execute(WEIGHT).fetchone() == before


def test_statements_that_fail_are_an_error_at_once(db):
    with pytest.raises(EvaluationError, match=r"--compare-sql fail.*no_such_table"):
        Asker(db, "UPDATE no_such_table SET x = 1")
    assert Asker(db).ask("ada").item_ids == ("new", "old")
