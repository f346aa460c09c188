"""Errors as problem details: status, type and sentence, and nothing of what was asked."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from jobs.serve_settings import Serve
from tests.interestream.conftest import reader_dsn  # noqa: F401
from tests.jobs.serve.served import NOWHERE, Reply, Served, serving

FAST = Serve(cache_s=0, counts_s=0, pool_wait_s=0.2, max_k=50, max_users=3, max_body_bytes=2_000)


def told(reply: Reply) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    found = reply.json
    assert found["status"] == reply.status
    assert found["title"]
    assert found["detail"].endswith(".")
    return reply.status, found["type"].removeprefix("urn:interestream:problem:")


def test_what_is_wrong_with_a_question_is_told(reader_dsn):  # noqa: F811
    with serving(reader_dsn, FAST) as served:
        ask = served.ask
        assert told(ask("similar_items", {"item": "nothing"})) == (404, "unknown_item")
        assert told(ask("recommend", {"user": "ada", "space": 99})) == (404, "unknown_space")
        assert told(ask("nothing")) == (404, "not_found")
        assert told(ask("search_items")) == (405, "method_not_allowed")
        other_size = ask("search_items", body={"vector": [1.0]})
        assert told(other_size) == (422, "invalid_question")
        assert other_size.json["detail"].endswith("names for this space.")
        assert told(ask("trending", {"horizon": "day", "as_of": "2026-01-01T00:00Z"}))[0] == 422
        assert told(ask("recommend", {"user": "a\0b"})) == (422, "invalid_question")
        assert told(ask("recommend", body=b"{")) == (422, "invalid_question")
        assert told(ask("recommend", body={"user": "a", "attributes": {"a": "\0"}}))[0] == 422
        wrongs: list[tuple[dict[str, Any], str]] = [
            ({"user": "ada", "k": 51}, "k"),
            ({"user": "ada", "k": "many"}, "k"),
            ({"user": ""}, "user"),
            ({}, "user"),
            ({"user": "ada", "diversity": "nan"}, "diversity"),
            ({"user": "ada", "kk": 5}, "kk"),
            ({"user": "ada", "attributes": "{"}, "attributes"),
        ]
        for wrong, where in wrongs:
            reply = ask("recommend", wrong)
            assert told(reply) == (422, "invalid_question")
            assert reply.json["errors"][0]["where"] == where
        twice = ask("recommend?user=ada&user=bob&k=3")
        assert told(twice) == (422, "invalid_question")
        assert twice.json["errors"] == [
            {"where": "user", "detail": "was given 2 times, and has one value"}
        ]
        assert ask("recommend?user=ada&categories=a&categories=b").status == 200
        many = ask("recommend_many", {"users": ["a", "b", "c", "secret person"]})
        assert told(many) == (422, "invalid_question")
        assert b"secret person" not in many.body
        assert told(ask("recommend", body={"user": "x" * 3_000}))[0] == 413


def test_a_body_without_a_length_is_cut_off(reader_dsn):  # noqa: F811
    with serving(reader_dsn, FAST) as served:
        connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=60)
        parts = (b"x" * 500 for _ in range(10))
        headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/api/v1/recommend", parts, headers, encode_chunked=True)
        assert connection.getresponse().status == 413
        connection.close()


def test_a_database_that_is_away_says_when_to_try_again():
    with serving(NOWHERE, FAST) as served:
        reply = served.ask("trending")
        assert told(reply) == (503, "database_away")
        assert reply.headers["retry-after"] == "1"


def test_a_question_that_takes_too_long_is_cancelled(dsn, reader_dsn):  # noqa: F811
    settings = FAST.model_copy(update={"statement_timeout_s": 0.3})
    with psycopg.connect(dsn) as blocker, serving(reader_dsn, settings) as served:
        blocker.execute("LOCK TABLE interestream.items IN ACCESS EXCLUSIVE MODE")
        assert told(served.ask("recommend", {"user": "ada"})) == (504, "too_slow")
        blocker.rollback()
        assert served.ask("recommend", {"user": "ada"}).status == 200


def test_more_who_wait_than_may_are_refused_at_once(dsn, reader_dsn):  # noqa: F811
    settings = FAST.model_copy(
        update={"pool_size": 1, "max_waiting": 1, "pool_wait_s": 5.0, "statement_timeout_s": 2.0}
    )
    with (
        psycopg.connect(dsn) as blocker,
        serving(reader_dsn, settings) as served,
        ThreadPoolExecutor(6) as threads,
    ):
        blocker.execute("LOCK TABLE interestream.items IN ACCESS EXCLUSIVE MODE")

        def ask(served: Served = served) -> tuple[int, str]:
            return told(served.ask("recommend", {"user": "ada"}))

        found = [each.result() for each in [threads.submit(ask) for _ in range(6)]]
        blocker.rollback()
    assert (503, "database_busy") in found
    assert set(found) <= {(503, "database_busy"), (504, "too_slow"), (503, "database_away")}


def test_a_login_without_rights_says_so(dsn, reader_dsn):  # noqa: F811
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON interestream.spaces FROM interestream_reader")
    with serving(reader_dsn, FAST) as served:
        assert told(served.ask("recommend", {"user": "ada"})) == (403, "not_allowed")


def test_a_connection_that_was_lost_is_replaced(dsn, reader_dsn):  # noqa: F811
    with serving(reader_dsn, FAST) as served:
        assert served.ask("trending").status == 200
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename LIKE 'login\\_%' AND datname = current_database()"
            )
        assert served.ask("trending").status == 200
