"""What all pages have in common: headers, files, problems in sentences, refused forms."""

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from jobs.serve.page.add_pages import STATIC
from jobs.serve.page.sections import SECTIONS
from jobs.serve.page.vendored import VENDORED
from tests.jobs.serve.served import Served, serving
from tests.sql.logins import login

TEMPLATES = Path(STATIC).parent / "templates"


def headers_of(served: Served, page: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{served.address}{page}", timeout=60) as answer:
        return dict(answer.headers.items())


@pytest.mark.parametrize("page", ["/", "/static/page.css", "/health", "/static/nothing"])
def test_every_answer_forbids_what_comes_from_elsewhere(filled, page):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        try:
            headers = headers_of(served, page)
        except urllib.error.HTTPError as error:
            headers = dict(error.headers.items())
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if page == "/static/page.css" else "no-store")


def test_every_section_is_in_the_navigation_and_answers(filled):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        for section in SECTIONS:
            status, text = served.get(section.path.removeprefix("/"))
            assert status == 200, section.path
            assert f'href="{section.path}" aria-current="page"' in text


def test_vendored_files_are_those_of_npm_and_have_a_licence():
    told = {name: sha for each in VENDORED for name, sha in each.sha256.items()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
    }
    assert found == told
    for each in VENDORED:
        assert any("LICENSE" in name for name in each.sha256)


def test_templates_hold_no_script_style_or_address_of_their_own():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert "style=" not in text, path
        assert "<style" not in text, path
        assert "|safe" not in text.replace(" ", ""), path
        assert "http://" not in text, path
        assert "https://" not in text, path
        assert text.count("<script") == text.count('<script src="/static/'), path
        assert " onclick=" not in text, path
        assert " hx-on" not in text, path


def test_a_database_that_is_away_is_told_in_a_sentence():
    with serving("postgresql://nobody@127.0.0.1:1/nothing") as served:
        status, text = served.get("users")
    assert status == 503
    assert "Postgres gave no connection within 2 s" in text


def test_htmx_configuration_allows_no_code_in_pages():
    base = (TEMPLATES / "base.html").read_text()
    config = json.loads(base.split("htmx-config\" content='")[1].split("'")[0])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True


def test_a_browser_is_told_in_a_page_that_there_is_none_and_a_program_as_a_problem(filled):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        person = served.page("/nonexist<b>", Accept="text/html,*/*;q=0.8")
        program = served.page("/nonexist", Accept="*/*")
        of_the_api = served.page("/api/v1/nonexist", Accept="text/html")
    assert person.status == program.status == of_the_api.status == 404
    text = person.body.decode()
    assert "This page cannot be shown" in text
    assert "There is no page at /nonexist&lt;b&gt;." in text
    for reply in (program, of_the_api):
        assert reply.headers["content-type"] == "application/problem+json"
