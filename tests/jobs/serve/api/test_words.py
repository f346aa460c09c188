"""Requests in words over HTTP, with the packaged encoder."""

import re
import urllib.parse
import urllib.request
from pathlib import Path

import orjson
import psycopg
import pytest

from jobs.config import Config
from jobs.serve.append.streams import streams_of
from jobs.serve_settings import Serve
from tests.jobs.asking.catalogue import ITEMS, fill
from tests.jobs.serve.served import Served, serving
from tests.sql.logins import login


def config_of(bundle: Path, root: Path) -> Config:
    return Config.model_validate(
        {
            "encoder": {"bundle": bundle},
            "sources": {"root": root},
            "serve": {"accepts": ["events"], "cache_s": 0, "counts_s": 0},
        }
    )


def post_form(served: Served, headers: dict[str, str], **fields: str) -> str:
    request = urllib.request.Request(
        f"{served.address}/ask",
        data=urllib.parse.urlencode(fields).encode(),
        headers={"Origin": served.address, **headers},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        page: str = answer.read().decode()
    return page


def test_a_conversation_over_http(dsn: str, bundle_dir: Path, tmp_path: Path) -> None:
    """One server for all of it, since the encoder and the catalogue take seconds."""
    with psycopg.connect(dsn) as db:
        fill(db, bundle_dir)
    (tmp_path / "events").mkdir()
    config = config_of(bundle_dir, tmp_path)
    with (
        login(dsn, "interestream_reader") as reader,
        serving(reader, config.serve, appended=streams_of(config), config=config) as served,
    ):
        text = "a film about space, no horror"
        first = served.ask("ask", body={"text": text, "user": "ada", "k": 4})
        assert first.status == 200, first.body
        rows = [row["item_id"] for row in first.json["rows"]]
        assert {row.split("-")[0] for row in rows} == {"space"}
        assert "space-horror" not in rows
        told = first.json["understood"]
        assert (told["wanted"], told["refused"]) == (["film about space"], ["horror"])
        assert told["filters"]["not_categories"] == ["Horror"]
        assert first.json["conversation"]["items"] == rows

        # A follow-up stands on the conversation that the client sends back.
        again = {"text": "newer", "k": 9, "conversation": first.json["conversation"]}
        years = sorted(ITEMS[row].year for row in rows)
        newer = served.ask("ask", body=again).json
        assert newer["rows"]
        assert all(ITEMS[row["item_id"]].year > (years[1] + years[2]) / 2 for row in newer["rows"])

        # Filters of the caller hold besides those of the request.
        asked = {"text": "a film about space", "not_categories": ["Drama"]}
        assert all(
            "Drama" not in row["categories"] for row in served.ask("ask", body=asked).json["rows"]
        )

        # Reasons are in the language that is asked for.
        for given, headers, reason in (
            ({}, {"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"}, "符合你的要求。"),
            ({"language": "en"}, {"Accept-Language": "zh"}, "Fits what you asked for."),
            ({}, {}, "Fits what you asked for."),
        ):
            reply = served.ask("ask", body={"text": "comedy", **given}, headers=headers)
            assert reply.json["rows"][0]["reason"] == reason
        similar = served.ask(
            "similar_items", {"item": "dog-park"}, headers={"Accept-Language": "zh"}
        )
        assert similar.json["rows"][0]["reason"].endswith("相似。")

        # The utterance of a user is an event: what is wanted, not what is refused.
        (file,) = (tmp_path / "events").glob("[!.]*")
        event = orjson.loads(file.read_bytes())
        assert (event["user_id"], event["action"]) == ("ada", "search")
        assert event["text"] == "film about space"
        assert event["context"] == {"utterance": text}

        # What cannot be answered is told in a note.
        assert first.json["note"] is None
        for said, note in (
            ("soap under 0.1 euros", "no item passes: "),
            ("骑鲸鱼", "no word of the request is known to the encoder"),
        ):
            told = served.ask("ask", body={"text": said}).json
            assert told["rows"] == []
            assert told["note"].startswith(note)
        assert told["understood"]["unknown"] == ["骑鲸鱼"]
        told = served.ask("ask", body={"text": "more like the second"}).json
        assert told["note"] == "there is no row 2 in a list before"

        # What cannot be asked is a problem in a sentence.
        for body, where in (
            ({}, "text"),
            ({"text": ""}, "text: the request has no words"),
            ({"text": "   "}, "text: the request has no words"),
            ({"text": "a", "k": 0}, "k"),
            ({"text": "a", "conversation": {"version": 9}}, "conversation"),
            ({"text": "a", "language": "'; --"}, "language"),
            ({"text": "a", "other": 1}, "other"),
        ):
            reply = served.ask("ask", body=body)
            assert reply.status == 422, body
            assert where in reply.json["detail"], body

        check_page(served)
        assert len(list((tmp_path / "events").glob("[!.]*"))) == 1


def check_page(served: Served) -> None:
    """The page: a form, then answers with chips, and what the next one stands on."""
    status, empty = served.get("ask")
    assert status == 200
    assert 'hx-post="/ask"' in empty
    htmx = {"HX-Request": "true"}
    turn = post_form(served, htmx, text="soap <b>under 5 euros</b>, no perfume", user="ada")
    assert "<html" not in turn
    assert "<b>" not in turn
    assert '<span class="chip minus">no perfume</span>' in turn
    assert "price max 5" in turn
    assert "Olive oil soap bar" in turn
    assert "Rose soap" not in turn
    found = re.search(r'name="conversation" value="([^"]*)"', turn)
    assert found is not None
    conversation = found[1].replace("&#34;", '"')
    whole = post_form(served, {}, text="show me more", conversation=conversation)
    assert "<html" in whole
    assert "Olive oil soap bar" not in whole.partition("<form")[0]


@pytest.mark.parametrize("bundle", ["nowhere", "minilm@space"])
def test_without_a_bundle_requests_in_words_are_a_problem_and_others_are_not(
    reader_dsn: str, tmp_path: Path, bundle: str
) -> None:
    config = Config.model_validate(
        {"encoder": {"bundle": bundle, "registry": str(tmp_path)}, "serve": {"cache_s": 0}}
    )
    with serving(reader_dsn, Serve(cache_s=0), config=config) as served:
        reply = served.ask("ask", body={"text": "a comedy"})
        assert reply.status == 503
        assert reply.json["type"].endswith(":no_encoder")
        assert "encoder.bundle" in reply.json["detail"]
        assert served.ask("recommend", {"user": "ada"}).status == 200
