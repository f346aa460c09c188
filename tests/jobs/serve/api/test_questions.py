"""Every question of the client over HTTP, with the rows that the client gets."""

import uuid
from typing import Any

import orjson

from interestream import ItemFilter, Recommender, rows
from jobs.serve.api.row_models import answer_model
from tests.interestream.cases import CASES, Case
from tests.jobs.serve.served import Served

NAMES = {
    "recommend": ("user", "k"),
    "recommend_many": ("users", "k"),
    "recommend_more_like": ("item", "user", "k"),
    "similar_items": ("item", "k"),
    "similar_users": ("user", "k"),
    "recommend_users": ("user", "k"),
    "recommend_topics": ("user", "k"),
    "explain_filter": ("where",),
    "no_item_passes": ("where",),
    "search_items": ("vector", "k"),
    "ask_items": ("wanted", "k"),
    "trending": ("k",),
    "user_interests": ("user",),
    "user_topics": ("user", "k"),
    "user_topic_history": ("user", "days"),
    "user_drift": ("user",),
    "sequence_models": (),
    "why_not": ("item", "user"),
    "job_status": (),
    "catalogue_words": ("rows",),
    "click_through": (),
    "learned": (),
    "previous_space": (),
    "space_coverage": ("space",),
    "user_variant": ("user",),
    "experiment_report": ("experiment",),
}
"""The names of the arguments that the cases give by position."""


def body_of(case: Case) -> dict[str, Any]:
    """The case as members of a JSON object."""
    asked = dict(zip(NAMES[case.method], case.arguments, strict=False)) | dict(case.named)
    where = asked.pop("where", None)
    if isinstance(where, ItemFilter):
        asked |= {name: value for name, value in vars(where).items() if value is not None}
    if "half_life" in asked:
        asked["half_life"] = "P1D"
    return asked


def rows_of_client(dsn: str, case: Case) -> Any:
    with Recommender(dsn) as recommender:
        found = getattr(recommender, case.method)(*case.arguments, **case.named)
    return orjson.loads(orjson.dumps(found))


def test_a_question_has_the_rows_that_the_client_gets(served: Served, reader_dsn: str) -> None:
    for case in CASES:
        wanted = rows_of_client(reader_dsn, case)
        asked = orjson.loads(orjson.dumps(body_of(case)))
        posted = served.ask(case.method, body=asked)
        assert posted.status == 200, (case, posted.json)
        assert posted.json["rows"] == wanted, case
        # A list without entries cannot be written in an address, nor a vector.
        if case.method in ("search_items", "ask_items") or [] in asked.values():
            continue
        address = {
            name: orjson.dumps(value).decode() if isinstance(value, dict) else value
            for name, value in asked.items()
        }
        got = served.ask(case.method, address)
        assert got.status == 200, (case, got.json)
        assert got.json["rows"] == wanted, case
        ids = {each.json["recommendation_id"] for each in (got, posted)}
        assert len({uuid.UUID(each) for each in ids}) == 2


def test_an_answer_keeps_to_its_schema(served: Served) -> None:
    answer = served.ask("recommend", {"user": "ada"}).json
    read = answer_model(rows.Recommended).model_validate(answer)
    assert read.model_dump(mode="json") == answer


def test_an_empty_answer_says_which_condition_no_item_meets(served: Served) -> None:
    asked = {"user": "ada", "ranges": {"pages": {"above": 9}}, "languages": ["de"]}
    answer = served.ask("recommend", body=asked).json
    assert answer["rows"] == []
    assert answer["note"] == "no item passes: pages above 9 leaves 0 of 40"
    assert served.ask("recommend", {"user": "ada"}).json["note"] is None
    # Ada has seen the only one that passes.
    gone = {"user": "ada", "categories": ["odd"], "exclude": [f"i{n}" for n in range(40)]}
    answer = served.ask("recommend", body=gone).json
    assert (answer["rows"], answer["note"]) == ([], None)


def test_a_range_that_no_number_is_in_is_refused(served: Served) -> None:
    wrong = served.ask("recommend", body={"user": "ada", "ranges": {"pages": {"min": 3, "max": 1}}})
    assert wrong.status == 422
    assert "no number is in the range of pages" in wrong.json["detail"]
