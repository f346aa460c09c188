"""What a program may keep, and what it gets when it has the rows already."""

from jobs.serve_settings import Serve
from tests.jobs.serve.served import Served, serving


def test_an_answer_for_all_users_may_be_kept_and_has_a_tag_of_its_rows(served: Served) -> None:
    first = served.ask("trending")
    assert first.headers["cache-control"] == "private, max-age=10"
    tag = first.headers["etag"]
    second = served.ask("trending")
    assert second.headers["etag"] == tag
    assert second.json["recommendation_id"] != first.json["recommendation_id"]
    known = served.ask("trending", headers={"If-None-Match": f'"x", {tag}'})
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", tag)
    other = served.ask("trending", {"category": "odd"}, headers={"If-None-Match": tag})
    assert (other.status, other.headers["etag"] != tag) == (200, True)
    assert served.ask("similar_items", {"item": "i3"}).headers["etag"]


def test_an_answer_about_a_user_is_not_kept(served: Served) -> None:
    for reply in (
        served.ask("recommend", {"user": "ada"}),
        served.ask("user_interests", {"user": "ada"}),
        served.ask("trending", body={}),
    ):
        assert reply.headers["cache-control"] == "no-store"
        assert "etag" not in reply.headers


def test_caching_can_be_switched_off(reader_dsn):
    with serving(reader_dsn, Serve(max_age_s=0)) as served:
        assert served.ask("trending").headers["cache-control"] == "no-store"
