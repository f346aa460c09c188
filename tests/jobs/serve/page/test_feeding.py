"""Events that are sent from a user's page: what comes into the stream, and what is refused."""

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import orjson
import pytest

from interestream.pseudonyms import Pseudonyms
from jobs.config import Config
from jobs.core.parsing.parse_events import parse_events
from jobs.serve.append.streams import Streams, streams_of
from tests.builders import RULES
from tests.jobs.serve.served import FRESH, Served, serving
from tests.sql.logins import login

OWN = {"Sec-Fetch-Site": "same-origin"}
EVENT = {"id": "ann", "item": "i7", "action": "like"}


def streams_in(root: Path) -> Streams:
    (root / "events").mkdir()
    return streams_of(Config.model_validate({"serve": {"accepts": ["events"]}}), root)


def send(served: Served, headers: dict[str, str], **fields: str) -> tuple[int, str]:
    """What a form of a page, or of a foreign one, would bring."""
    request = urllib.request.Request(
        f"{served.address}/user/feed",
        data=urllib.parse.urlencode({**EVENT, **fields}).encode(),
        headers=headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def lines_in(root: Path) -> list[bytes]:
    return [line for path in (root / "events").glob("*.ndjson") for line in path.open("rb")]


def test_it_is_in_the_stream_as_the_job_reads_it_and_the_list_is_asked_for_quickly(
    filled, tmp_path
):
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, FRESH, appended=streams_in(tmp_path)) as served,
    ):
        status, text = send(served, OWN, action="rating", value="4.5")
    assert status == 200
    assert 'hx-swap-oob="true"' in text
    assert 'hx-trigger="every 300ms"' in text
    (line,) = lines_in(tmp_path)
    record = orjson.loads(line)
    assert (record["user_id"], record["item_id"]) == ("ann", "i7")
    assert (record["action"], record["value"]) == ("rating", 4.5)
    parsed = parse_events([line], RULES, record["event_time"])
    assert not parsed.dead


def test_an_event_of_an_unknown_item_is_sent_and_said_to_wait(filled, tmp_path):
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, FRESH, appended=streams_in(tmp_path)) as served,
    ):
        status, text = send(served, OWN, item="nosuch")
        _, known = send(served, OWN)
    assert status == 200
    assert "No item is called <code>nosuch</code>" in text
    assert "waits for the item" in text
    assert "waits for the item" not in known
    assert len(lines_in(tmp_path)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_page_is_refused(filled, tmp_path, headers):
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, FRESH, appended=streams_in(tmp_path)) as served,
    ):
        status, _ = send(served, headers)
    assert status == 403
    assert lines_in(tmp_path) == []


def test_an_older_browser_says_where_the_form_is_from(filled, tmp_path):
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, FRESH, appended=streams_in(tmp_path)) as served,
    ):
        status, _ = send(served, {"Origin": served.address})
    assert status == 200
    assert len(lines_in(tmp_path)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"action": "dance"}, "the job would not accept this event"),
        ({"item": ""}, "the job would not accept this event"),
        ({"id": "a" * 300}, "the job would not accept this event"),
        ({"value": "many"}, "is a number"),
        ({"action": "rating", "value": "NaN"}, "is a number"),
        ({"action": "rating", "value": "1e400"}, "is a number"),
        ({"action": "rating", "value": "7"}, "lies between 0 and 5, unlike 7"),
        ({"action": "rating", "value": "-1"}, "lies between 0 and 5, unlike -1"),
    ],
)
def test_what_would_be_a_dead_letter_is_told_and_not_sent(filled, tmp_path, fields, words):
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, FRESH, appended=streams_in(tmp_path)) as served,
    ):
        status, text = send(served, {**OWN, "HX-Request": "true"}, **fields)
    assert status == 400
    assert words.lower() in text.lower()
    assert lines_in(tmp_path) == []


def test_a_server_that_appends_nothing_says_so(filled):
    with login(filled, "interestream_reader") as reader, serving(reader, FRESH) as served:
        status, text = send(served, OWN)
    assert status == 403
    assert "serve.accepts" in text


def test_of_a_pseudonym_no_event_can_be_sent(filled, tmp_path):
    with (
        login(filled, "interestream_reader") as reader,
        serving(
            reader,
            FRESH,
            pseudonyms=Pseudonyms(b"k" * 32),
            appended=streams_in(tmp_path),
        ) as served,
    ):
        status, text = send(served, OWN)
    assert status == 403
    assert "pseudonyms" in text
    assert lines_in(tmp_path) == []
