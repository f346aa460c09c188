"""The overview, against the rows that it tells of."""

import re
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from jobs.serve_settings import Serve
from tests.jobs.serve.page.population import HORIZONS
from tests.jobs.serve.served import FRESH, serving
from tests.sql.builders import set_interests
from tests.sql.logins import login
from tests.sql.maintain.builders import add_letter

PROGRESS = (
    "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
    " duplicates, dead_letters, waiting, moved, applied, excluded, committed_at)"
    " VALUES (1, 'events', %s, 1, %s, 22, 33, 44, 0, 5, 6, now())"
)


def next_read(text: str) -> str:
    """The address that the tiles ask next."""
    found = re.search(r'hx-get="/(overview/live\?[^"]*)"', text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def rate(text: str) -> str:
    found = re.search(r'data-testid="rate">([^<]*)<', text)
    assert found is not None
    return found[1]


def test_events_a_second_come_of_two_reads_that_any_process_may_answer(filled):
    with psycopg.connect(filled) as db:
        db.execute(PROGRESS, (7, 1_000))
    with login(filled, "interestream_reader") as reader:
        with serving(reader) as first:
            _, text = first.get("")
        assert rate(text) == "–"
        assert "1,000" in text
        asked = parse_qs(urlsplit(next_read(text)).query)
        assert asked["records"] == ["1000"]
        with psycopg.connect(filled) as db:
            db.execute("UPDATE interestream.job_progress SET records_in = 61_000 WHERE bucket = 7")
        with serving(reader) as second:
            _, text = second.get(next_read(text))
    shown = float(rate(text).replace(",", ""))
    passed_s = float(parse_qs(urlsplit(next_read(text)).query)["at"][0]) - float(asked["at"][0])
    assert shown == pytest.approx(60_000 / passed_s, rel=0.01, abs=0.6)


def test_a_state_that_began_anew_has_no_rate(filled):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get("overview/live?records=5000&at=1")
    assert rate(text) == "–"


def test_dead_letters_are_told_by_reason_and_never_shown(filled):
    with psycopg.connect(filled) as db:
        add_letter(db, 8, 1, reason="bad_time")
        db.execute("UPDATE interestream.dead_letters SET raw = 'the raw record'")
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get("")
        status, refused = served.get("dead-letters")
    assert "bad_time" in text
    assert "not_json" in text
    assert "the raw record" not in text + refused
    assert status == 403
    assert "serve.show_raw_dead_letters" in refused


def test_raw_records_need_the_setting_and_the_role_of_an_admin(filled):
    with psycopg.connect(filled) as db:
        db.execute("UPDATE interestream.dead_letters SET raw = %s", (b"<b>\xff raw",))
    shown = Serve(cache_s=0, counts_s=0, show_raw_dead_letters=True)
    with login(filled, "interestream_admin") as admin, serving(admin, shown) as served:
        status, text = served.get("dead-letters?reason=not_json")
        _, none = served.get("dead-letters?reason=another")
    assert status == 200
    assert "&lt;b&gt;\N{REPLACEMENT CHARACTER} raw" in text
    assert "None is kept." in none
    with login(filled, "interestream_reader") as reader, serving(reader, shown) as served:
        status, text = served.get("dead-letters")
    assert status == 503
    assert "interestream_admin" in text


def test_trending_has_every_horizon_and_the_items_of_the_chosen_one(population):
    with psycopg.connect(population.dsn) as db:
        titles = [
            title
            for (title,) in db.execute(
                "SELECT i.title FROM interestream.trends AS t"
                " JOIN interestream.items AS i ON i.item_id = t.item_id"
                " WHERE t.horizon = 'month' ORDER BY t.weight DESC, t.item_id LIMIT 3"
            ).fetchall()
        ]
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get("overview/trending?horizon=month")
        status, _ = served.get("overview/trending?horizon=century")
        rising, _ = served.get("overview/trending?horizon=day&rising=true")
    for horizon in HORIZONS:
        assert f">{horizon.replace('_', ' ')}</button>" in text
    rows = re.findall(r'<td class="main"><a[^>]*>([^<]*)</a>', text)
    assert len(rows) == 10
    assert set(titles) <= set(rows)
    assert (status, rising) == (400, 200)


def test_health_is_told_in_words(filled):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get("overview/health")
        verdicts = served.get("health")[1]
    assert "postgres" in verdicts or "commit" in verdicts
    assert 'class="state state-' in text


def test_a_database_without_a_space_says_how_to_make_one(dsn):
    with login(dsn, "interestream_reader") as reader, serving(reader, FRESH) as served:
        status, text = served.get("")
    assert status == 200
    assert "interestream space create" in text
    assert "Nothing is popular yet." in text


def freshness(text: str) -> str:
    found = re.search(r'data-testid="freshness">(.*?)</dd>', text)
    assert found is not None
    return re.sub(r"<[^>]*>", "", found[1])


def test_events_of_another_time_tell_nothing_of_how_long_a_commit_takes(filled):
    """The interaction of the fixture was long before its commit, as simulated ones are."""
    with psycopg.connect(filled) as db:
        set_interests(db, "ann", ["i3"])
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        _, replayed = served.get("")
        with psycopg.connect(filled) as db:
            now = "date_trunc('second', now())"
            db.execute(
                f"UPDATE interestream.users SET last_event_at = {now},"
                f" committed_at = {now} + interval '3 s' WHERE user_id = 'ann'".encode()
            )
            db.execute(
                f"UPDATE interestream.user_items SET last_at = {now} WHERE user_id = 'ann'".encode()
            )
        _, live = served.get("")
    assert freshness(replayed) == "– no event under a minute old"
    assert freshness(live) == "3 s of events under a minute old"
