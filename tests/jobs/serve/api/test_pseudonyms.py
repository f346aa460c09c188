"""Users of a job that keeps pseudonyms are asked for by their own ids."""

import psycopg

from interestream import Pseudonyms
from tests.jobs.serve.served import serving

PSEUDONYMS = Pseudonyms(b"0123456789abcdef0123456789abcdef")


def test_a_user_is_found_under_the_pseudonym_and_named_as_asked(dsn, reader_dsn):
    with psycopg.connect(dsn, autocommit=True) as owner:
        for table in ("users", "user_windows", "user_items"):
            owner.execute(
                f"UPDATE interestream.{table} SET user_id = %s WHERE user_id = 'ada'".encode(),
                [PSEUDONYMS("ada")],
            )
    with serving(reader_dsn) as plain, serving(reader_dsn, pseudonyms=PSEUDONYMS) as served:
        known = {"user": "ada"}
        assert plain.ask("user_interests", known).json["rows"] == []
        found = served.ask("user_interests", known).json["rows"]
        assert [row["kind"] for row in found if row["kind"] == "dislikes"] == ["dislikes"]
        many = served.ask("recommend_many", {"users": ["ada", "bob"], "k": 1}).json["rows"]
        assert [row["user_id"] for row in many] == ["ada", "bob"]
        assert many[0]["source"] != "trending"
