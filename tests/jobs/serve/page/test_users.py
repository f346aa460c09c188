"""The search for users."""

import re
import urllib.request

from interestream.pseudonyms import Pseudonyms
from tests.jobs.serve.served import serving
from tests.sql.logins import login


def users_of(text: str) -> list[str]:
    return re.findall(r'href="/user\?id=([^"]*)"', text)


def test_without_a_name_those_who_were_active_last_come_first(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("users")
    last: dict[str, int] = {}
    for line in population.simulation.lines:
        if isinstance(line, dict) and line.get("item_id") and "text" not in line:
            user = str(line["user_id"])
            time_ms = line["event_time"]
            if user in population.entries and isinstance(time_ms, int):
                last[user] = max(last.get(user, 0), time_ms)
    assert status == 200
    shown = users_of(text)
    assert len(shown) == 25
    assert [last[user] for user in shown] == sorted((last[user] for user in shown), reverse=True)


def test_a_name_leads_to_the_page_of_the_user(population):
    with (
        login(population.dsn, "interestream_reader") as reader,
        serving(reader) as served,
        urllib.request.urlopen(f"{served.address}/users?q=ada", timeout=60) as answer,
    ):
        assert answer.url == f"{served.address}/user?id=ada"
        assert "<h1>ada</h1>" in answer.read().decode()


def test_a_part_of_a_name_has_those_that_follow(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get("users?q=user-00")
    assert users_of(text) == sorted(population.entries)[1:26]


def test_where_ids_are_pseudonyms_the_true_id_finds_them(filled):
    import psycopg

    pseudonyms = Pseudonyms(b"k" * 32)
    with psycopg.connect(filled) as db:
        db.execute(
            "UPDATE interestream.user_items SET user_id = %s WHERE user_id = 'ann'",
            (pseudonyms("ann"),),
        )
    with (
        login(filled, "interestream_reader") as reader,
        serving(reader, pseudonyms=pseudonyms) as served,
        urllib.request.urlopen(f"{served.address}/users?q=ann", timeout=60) as answer,
    ):
        text = answer.read().decode()
    assert f"<h1>{pseudonyms('ann')}</h1>" in text
    assert "ann<" not in text
