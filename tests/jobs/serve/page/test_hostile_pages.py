"""Whatever a user, an item or a category is called, it is text in a page."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import psycopg

from tests.jobs.serve.served import serving
from tests.sql.builders import (
    add_actions,
    add_item,
    add_items,
    add_space,
    interact,
    seeded,
    set_interests,
    set_window,
)
from tests.sql.logins import login
from tests.sql.test_hostile_strings import HOSTILE

MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "</title></textarea><svg onload=alert(1)>",
    "<!--",
]

NAMES = HOSTILE + MARKUP


class Elements(HTMLParser):
    """The elements of a page, and all that stands in their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def fill(dsn: str) -> None:
    """Each of the names is a user, an item, its title and its category."""
    vectors = seeded(len(NAMES), seed=8)
    with psycopg.connect(dsn) as db:
        add_actions(db)
        add_space(db)
        add_items(db, seeded(4))
        for name, vector in zip(NAMES, vectors, strict=True):
            add_item(db, name, vector, title=name, categories=[name])
            set_window(db, name, "recent", vector)
            set_interests(db, name, [name])
            interact(db, name, "i0", "like")


def pages_of(name: str) -> list[str]:
    user = urlencode({"id": name})
    always = [f"users?{urlencode({'q': name + '!'})}", f"user?{user}"]
    if name not in MARKUP:
        return always
    return [
        *always,
        f"user/compare?{user}&{urlencode({'a_categories': name})}",
        f"user/what-if?{user}&{urlencode({'item': name, 'action': 'like'})}",
        f"user/what-if?{user}&{urlencode({'item': name, 'action': name})}",
        f"overview/trending?{urlencode({'horizon': name})}",
    ]


def check(page: str, text: str) -> None:
    found = Elements(text)
    # The image and the scripts of the head are the only ones.
    assert found.tags.count("img") <= 1, page
    assert found.tags.count("script") in {0, 3}, page
    assert not {"iframe", "object", "embed"} & set(found.tags), page
    assert not [name for name, _ in found.attributes if name.startswith("on")], page
    links = [value for name, value in found.attributes if name in {"href", "src"}]
    assert all(link.startswith(("/", "#")) for link in links), page
    assert "{{ 7 * 7 }}" in text or "49{" not in text, page


def test_it_stays_text(dsn):
    fill(dsn)
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        for page in ("", "users", *(page for name in NAMES for page in pages_of(name))):
            status, text = served.get(page)
            assert status in {200, 400, 404}, (page, text)
            check(page, text)


def test_a_null_character_is_refused_in_a_sentence(filled):
    with login(filled, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("user?id=a%00b")
    assert status == 400
    assert "NUL" in text
