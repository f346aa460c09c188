"""The pages in a browser: on a phone, in the dark, by keyboard, with hostile names.

The fixture `browsing` fails a test whose page says an error or asks another host.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from playwright.sync_api import Page

from tests.jobs.serve.page.population import Population
from tests.jobs.serve.page.test_hostile_pages import NAMES, fill
from tests.jobs.serve.served import serving
from tests.sql.logins import login

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}
PAGES = ("/", "/users", "/user?id=ada", "/items", "/item?id={item}&user=ada", "/map", "/models")


@pytest.fixture(scope="module")
def site(population: Population) -> Iterator[str]:
    """The address at which the population is shown, to a reader."""
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        yield served.address


@pytest.fixture(scope="module")
def item(population: Population) -> str:
    """An item that many like."""
    with psycopg.connect(population.dsn) as db:
        found = db.execute(
            "SELECT item_id FROM interestream.item_neighbors"
            " ORDER BY interactions DESC, item_id LIMIT 1"
        ).fetchone()
    assert found is not None
    return str(found[0])


def wait_drawn(page: Page) -> None:
    """Until what a page loads by itself is there."""
    if "/map" in page.url:
        page.wait_for_selector("#map[data-drawn]", state="attached")
    if "/user?" in page.url:
        page.wait_for_selector("[data-testid=history], .empty", state="attached")


def brightness(page: Page, selector: str) -> float:
    """Of the ground of an element, 0 to 255."""
    text = page.eval_on_selector(selector, "each => getComputedStyle(each).backgroundColor")
    numbers = [float(part) for part in text.split("(")[1].rstrip(")").split(",")[:3]]
    return sum(numbers) / 3


def test_no_page_is_wider_than_a_phone(browsing, site, item):
    for path in PAGES:
        page = browsing.open(site + path.format(item=item), **PHONE)
        wait_drawn(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["viewport"]["width"], path
        page.close()


def test_dark_pages_have_dark_grounds_and_light_ones_light_ones(browsing, site):
    for scheme, dark in (("dark", True), ("light", False)):
        page = browsing.open(site + "/models", color_scheme=scheme)
        assert (brightness(page, "body") < 60) is dark
        assert (brightness(page, ".card") < 60) is dark
        page.close()


def test_an_item_is_found_and_opened_by_keyboard_alone(browsing, site, item):
    page = browsing.open(site + "/items")
    page.focus("[data-testid=item-search]")
    page.keyboard.type(item)
    page.keyboard.press("Enter")
    page.wait_for_url("**/item?id=*")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "user"
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    page.wait_for_url("**user=ada**")
    assert page.inner_text("[data-testid=why]").strip()


def test_every_link_and_field_shows_that_it_has_the_focus(browsing, site):
    page = browsing.open(site + "/items")
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(() => { const at = document.activeElement, look = getComputedStyle(at);"
                " return [at.tagName, look.outlineStyle, parseFloat(look.outlineWidth)]; })()"
            )
        )
    assert all(style != "none" and width > 0 for _, style, width in seen), seen


def test_a_press_on_the_map_opens_the_item_under_it(browsing, site):
    page = browsing.open(site + "/map?user=ada")
    page.wait_for_selector("#map[data-drawn]", state="attached")
    x, y, wanted = page.evaluate(
        """(() => {
            const canvas = document.getElementById("map"), chart = Chart.getChart(canvas);
            const number = chart.data.datasets.findIndex((each) => each.label === "interests");
            const { x, y } = chart.getDatasetMeta(number).data[0];
            const box = canvas.getBoundingClientRect();
            return [box.x + x, box.y + y, chart.data.datasets[number].data[0].id];
        })()"""
    )
    page.mouse.click(x, y)
    page.wait_for_url("**/item?id=*")
    assert urlencode({"id": wanted}) in page.url


def test_the_map_says_in_words_what_it_shows(browsing, site):
    page = browsing.open(site + "/map?colour=popularity")
    page.wait_for_selector("#map[data-drawn]", state="attached")
    assert "items. The plane shows" in page.inner_text("[data-testid=map-words]")


def test_hostile_names_are_shown_as_they_are_and_run_nothing(browsing, dsn):
    fill(dsn)
    name = next(each for each in NAMES if "<script>" in each)
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        query = urlencode({"id": name})
        for path in (f"/item?{query}", f"/user?{query}", "/items", "/users", "/map", "/models"):
            page = browsing.open(served.address + path)
            page.on("dialog", lambda dialog: browsing.problems.append(f"dialog: {dialog.message}"))
            wait_drawn(page)
            if "?" in path:
                assert page.inner_text("h1") == name
            page.close()


def test_a_question_that_fails_is_told_in_the_place_of_its_answer_and_stays(browsing, site):
    page = browsing.open(site + "/user?id=ada")
    outcome = page.locator("[data-testid=outcome]")
    page.click("[data-choose-item] >> nth=0")
    page.click("[data-testid=what-if-button]")
    page.wait_for_selector("[data-testid=what-if]")
    page.fill("[data-testid=event-item]", "nosuch & <b>")
    page.click("[data-testid=what-if-button]")
    page.wait_for_selector("[data-testid=outcome] > .problem[role=alert]")
    # The list is asked for meanwhile, which changes nothing here.
    with page.expect_response("**/user/list?**"):
        pass
    assert outcome.inner_text() == "No item of this space is called 'nosuch & <b>'."
    page.click("[data-choose-item] >> nth=0")
    page.click("[data-testid=what-if-button]")
    page.wait_for_selector("[data-testid=what-if]")
    assert page.locator(".problem").count() == 0
    # Chromium and htmx say on the console that an answer was 404.
    assert len(browsing.problems) == 2
    assert all("404" in each for each in browsing.problems)
    browsing.problems.clear()


def test_bars_of_a_comparison_stay_in_their_card(browsing, site):
    for width in (1200, 1440):
        page = browsing.open(site + "/user?id=ada", viewport={"width": width, "height": 900})
        page.wait_for_selector("#compared .score-bar")
        outside = page.evaluate(
            """(() => {
                const of = (each) => each.getBoundingClientRect();
                const bars = [...document.querySelectorAll("#compared .score-bar")];
                const edge = (bar) => of(bar.closest("li")).right + 0.5;
                return bars.filter((bar) => of(bar).right > edge(bar)).length;
            })()"""
        )
        assert outside == 0, width
        page.close()
