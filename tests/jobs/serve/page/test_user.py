"""The page of a user, against what the functions that ask say of the same user."""

import html
import re
from itertools import pairwise

import psycopg
import pytest
from psycopg.rows import dict_row

from jobs.serve.page.score_bars import score_bars, score_parts
from tests.jobs.serve.page.population import Population
from tests.jobs.serve.served import serving
from tests.sql.logins import login

USER = "ada"


def listed(text: str, test_id: str = "recommendation") -> list[str]:
    return re.findall(rf'data-testid="{test_id}" data-item="([^"]*)"', text)


def asked(population: Population, query: str, *values: object) -> list[dict[str, object]]:
    with psycopg.connect(population.dsn, row_factory=dict_row) as db:
        return db.execute(query.encode(), values).fetchall()


def test_the_list_is_that_of_recommend_with_its_reasons(population):
    rows = asked(population, "SELECT * FROM interestream.recommend(%s) ORDER BY rank", USER)
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get(f"user?id={USER}")
    assert status == 200
    assert listed(text) == [row["item_id"] for row in rows]
    for row in rows:
        assert (
            html.escape(str(row["reason"]), quote=True)
            .replace("&quot;", "&#34;")
            .replace("&#x27;", "&#39;")
            in text
        )


def test_the_parts_of_a_bar_add_up_to_the_score(population):
    rows = asked(population, "SELECT * FROM interestream.recommend(%s)", USER)
    bars = score_bars(rows)
    for row, bar in zip(rows, bars, strict=True):
        assert sum(score_parts(row).values()) == pytest.approx(row["score"], abs=1e-3)
        assert sum(part.value for part in bar.segments) == pytest.approx(row["score"], abs=1e-3)
        # Widths are on one scale, and nothing lies outside of it.
        for part in bar.segments:
            assert part.x >= -1e-3
            assert part.x + part.width <= 100.01
        scale = bars[0].segments[0].width / abs(bars[0].segments[0].value)
        assert [part.width for part in bar.segments] == pytest.approx(
            [abs(part.value) * scale for part in bar.segments]
        )


def test_what_is_new_since_the_last_list_is_marked(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, first = served.get(f"user?id={USER}")
        again = re.search(r'hx-get="/(user/list[^"]*)"', first)
        assert again is not None
        address = again[1].replace("&amp;", "&")
        _, same = served.get(address)
        _, other = served.get(re.sub(r"shown=[0-9a-f]{8}", "shown=00000000", address))
    assert 'class="changed"' not in same
    assert other.count('class="changed"') == 1


def test_after_an_event_the_list_is_asked_for_quickly_for_a_while(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, quick = served.get(f"user/list?id={USER}&quick=2")
        _, slow = served.get(f"user/list?id={USER}&quick=1")
    assert 'hx-trigger="every 300ms"' in quick
    assert "quick=1" in quick
    assert 'hx-trigger="every 3s"' in slow


def test_what_was_done_is_in_sessions_newest_first(population):
    rows = asked(
        population,
        "SELECT item_id, last_at FROM interestream.user_items WHERE user_id = %s"
        " ORDER BY last_at DESC",
        USER,
    )
    pauses = [
        (newer["last_at"] - older["last_at"]).total_seconds()  # type: ignore[operator]
        for newer, older in pairwise(rows)
    ]
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get(f"user?id={USER}")
    timeline = text.split('id="done-head"')[1]
    assert timeline.count('class="session"') == 1 + sum(pause > 1800 for pause in pauses)
    assert re.findall(r'href="/item\?id=([^"]*)"', timeline)[:5] == [
        row["item_id"] for row in rows[:5]
    ]


def test_two_configurations_stand_side_by_side_with_what_differs(population):
    lists = [
        asked(
            population,
            "SELECT item_id, title FROM interestream.recommend(%s, p_diversity => %s,"
            " p_explore => 0, p_categories => %s) ORDER BY rank",
            USER,
            diversity,
            categories,
        )
        for diversity, categories in ((0.0, None), (0.9, ["book", "film"]))
    ]
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get(
            f"user/compare?id={USER}&a_diversity=0&a_explore=0"
            "&b_diversity=0.9&b_explore=0&b_categories=book,%20film"
        )
        wrong = served.get(f"user/compare?id={USER}&a_diversity=much")
        refused = served.get(f"user/compare?id={USER}&a_diversity=7")
        no_space = served.get(f"user/compare?id={USER}&b_space=99")
    assert status == 200
    ids = [[row["item_id"] for row in rows] for rows in lists]
    assert re.findall(r'href="/item\?id=([^"]*)"', text) == ids[0] + ids[1]
    assert text.count("only here") == len(set(ids[0]) ^ set(ids[1]))
    assert (wrong[0], refused[0], no_space[0]) == (400, 400, 400)
    assert "&#39;diversity&#39; is a number, unlike &#39;much&#39;" in wrong[1]


def test_what_if_tells_what_comes_and_goes(population):
    rows = asked(population, "SELECT item_id FROM interestream.recommend(%s) ORDER BY rank", USER)
    item = rows[1]["item_id"]
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get(f"user/what-if?id={USER}&item={item}&action=like")
        unknown = served.get(f"user/what-if?id={USER}&item=nothing&action=like")
        no_action = served.get(f"user/what-if?id={USER}&item={item}&action=dance")
        no_number = served.get(f"user/what-if?id={USER}&item={item}&action=rating&value=many")
        outside = served.get(f"user/what-if?id={USER}&item={item}&action=rating&value=9")
        endless = served.get(f"user/what-if?id={USER}&item={item}&action=rating&value=1e400")
    assert status == 200
    after = re.findall(r'<li data-item="([^"]*)"', text)
    assert len(after) == 10
    assert item not in after
    gone = re.findall(r'href="/item\?id=([^"]*)"', text.split("Gone from the list")[1])
    assert set(gone) == {row["item_id"] for row in rows} - set(after)
    assert [unknown[0], no_action[0], no_number[0]] == [404, 400, 400]
    assert [outside[0], endless[0]] == [400, 400]
    assert "lies between 0 and 5, unlike 9" in outside[1]


def test_a_user_nobody_knows_gets_what_is_for_everyone(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("user?id=nobody%20at%20all")
    assert status == 200
    assert "<h1>nobody at all</h1>" in text
    assert len(listed(text)) == 10


def test_what_is_no_id_is_told_in_one_sentence(population):
    wrong = {
        "user?id=": "&#39;id&#39; is empty: it names a user or an item.",
        "user": "The address lacks &#39;id&#39;.",
        "user?id=a%00b": "&#39;id&#39; holds the character NUL, which no text in the database has.",
        f"user?id={'a' * 257}": "&#39;id&#39; is longer than 256 characters,",
        f"item?id=a&user={'a' * 257}": "so is no id of a user.",
    }
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        for page, sentence in wrong.items():
            status, text = served.get(page)
            assert status == 400
            assert sentence in text
        assert served.get(f"user?id={'a' * 256}")[0] == 200


def test_a_side_of_a_comparison_without_items_says_so(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, text = served.get(f"user/compare?id={USER}&b_categories=no-such")
    assert text.count("<ol") == 1
    assert text.count("Nothing passes.") == 1
