"""Who gets an answer: with a key, with the cookie of the form, and by the name of the host."""

import time
from collections.abc import Iterator

import pytest

from jobs.serve.access import SESSION_S, Keys
from jobs.serve_settings import Serve
from tests.jobs.serve.served import NOWHERE, Served, serving

KEY = "correct horse battery staple"


def settings(**others: object) -> Serve:
    return Serve.model_validate({"cache_s": 0, "counts_s": 0, "pool_wait_s": 0.1, **others})


@pytest.fixture(scope="module")
def locked() -> Iterator[Served]:
    with serving(NOWHERE, settings(api_key=KEY)) as served:
        yield served


def test_without_the_key_only_live_answers(locked: Served) -> None:
    assert locked.page("/live").status == 200
    for path in ("/api/v1/trending", "/openapi.json", "/metrics", "/health", "/no-such-page"):
        reply = locked.page(path)
        assert reply.status == 401, path
        assert reply.headers["www-authenticate"] == "Bearer"
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["type"] == "urn:interestream:problem:no_key"


@pytest.mark.parametrize(
    "headers",
    [{"X_API_Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY} "}],
)
def test_the_key_in_a_header_lets_in(locked: Served, headers: dict[str, str]) -> None:
    assert locked.page("/openapi.json", None, **headers).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X_API_Key": KEY[:-1]},
        {"X_API_Key": KEY.upper()},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer \xff"},
        {"Cookie": f"interestream_session={KEY}"},
        {"Cookie": "interestream_session=99999999999."},
        {"Cookie": "interestream_session"},
    ],
)
def test_what_is_not_the_key_does_not(locked: Served, headers: dict[str, str]) -> None:
    assert locked.page("/openapi.json", None, **headers).status == 401


def test_a_browser_is_sent_to_the_form_and_back_with_a_cookie(locked: Served) -> None:
    sent = locked.page("/users?user=ada+b", Accept="text/html,*/*")
    assert (sent.status, sent.headers["location"]) == (303, "/login?next=%2Fusers%3Fuser%3Dada%2Bb")
    form = locked.page(sent.headers["location"])
    assert (form.status, b'name="key"' in form.body) == (200, True)
    refused = locked.page(sent.headers["location"], {"key": "a guess"})
    assert (refused.status, "set-cookie" in refused.headers) == (403, False)
    done = locked.page(sent.headers["location"], {"key": KEY})
    assert (done.status, done.headers["location"]) == (303, "/users?user=ada+b")
    cookie, *attributes = done.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=strict", f"Max-Age={SESSION_S}"} <= set(attributes)
    assert KEY not in cookie
    assert locked.page("/openapi.json", Cookie=f"other=1; {cookie}").status == 200
    name, _, value = cookie.partition("=")
    forged = value.replace(value[:4], "9999", 1)
    assert locked.page("/openapi.json", Cookie=f"{name}={forged}").status == 401


def test_the_form_leads_to_no_other_host(locked: Served) -> None:
    for elsewhere in ("//elsewhere.example", "https://elsewhere.example", "/%5Celsewhere.example"):
        done = locked.page(f"/login?next={elsewhere}", {"key": KEY})
        assert done.headers["location"] == "/"


def test_a_cookie_ends_and_is_of_its_key():
    keys = Keys(KEY)
    cookie = keys.session(1_000.0)
    assert keys.session_fits(cookie, 1_000.0 + SESSION_S - 1)
    assert not keys.session_fits(cookie, 1_000.0 + SESSION_S + 1)
    assert not Keys(KEY + "!").session_fits(cookie, 1_000.0)
    assert not keys.session_fits("", time.time())


def test_without_a_key_names_of_other_machines_are_refused_for_what_tells_of_people():
    with serving(NOWHERE, settings()) as served:
        assert served.page("/openapi.json").status == 200
        assert served.page("/openapi.json", Host="localhost:8090").status == 200
        refused = served.page("/openapi.json", Host="rebound.example:8090")
        assert refused.status == 403
        assert refused.json["type"] == "urn:interestream:problem:other_host"
        assert served.page("/live", Host="rebound.example").status == 200


def test_a_short_key_is_refused_without_being_shown():
    with pytest.raises(ValueError, match="needs 16 characters at least") as caught:
        settings(api_key="hunter2")
    assert "hunter2" not in str(caught.value)
    assert "battery" not in repr(settings(api_key=KEY))
