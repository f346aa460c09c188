"""Commands that recommend: filters and quotas of items, topics, people."""

import json

import psycopg
import pytest

from jobs.cli.item_conditions import read_filter
from jobs.errors import ConfigError
from tests.sql.builders import (
    add_actions,
    add_item,
    add_space,
    interact,
    seeded,
    set_interests,
    set_window,
)

PRICES = {"tea": 4, "chess": 25, "clouds": 60, "bees": 12}


@pytest.fixture
def shop(dsn: str) -> None:
    vectors = seeded(len(PRICES))
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        add_actions(db)
        for number, (name, price) in enumerate(PRICES.items()):
            add_item(
                db,
                name,
                vectors[number],
                title=f"A book about {name}",
                categories=["book"],
                attributes={"price": price, "type": "course" if name == "bees" else "book"},
            )


@pytest.mark.usefixtures("shop")
def test_what_items_must_meet_is_given_as_json(cli):
    def found(**conditions: object) -> set[str]:
        rows = cli.json("recommend", "ada", "--filter", json.dumps(conditions))
        return {row["item_id"] for row in rows}

    assert found(ranges={"price": {"min": 12, "below": 60}}) == {"chess", "bees"}
    assert found(not_words=["clouds", "tea"], not_types=["course"]) == {"chess"}
    assert found(published_before="2020-01-01T00:00:00Z") == set()
    out, _ = cli.run("recommend", "ada", "--filter", '{"ranges": {"price": {"below": 1}}}')
    assert "Nothing was found: no item passes: " in out
    assert "price" in out


@pytest.mark.usefixtures("shop")
def test_categories_stand_in_one_place(cli):
    assert len(cli.json("recommend", "ada", "--category", "book", "--filter", "{}")) == 4
    _, error = cli.run(
        "recommend", "ada", "--category", "book", "--filter", '{"categories": ["book"]}', code=2
    )
    assert "use one of them" in error


@pytest.mark.usefixtures("shop")
def test_quotas_say_how_many_of_a_type_are_in_the_answer(cli):
    rows = cli.json("recommend", "ada", "-k", "3", "--quota", "course=1", "--quota", "book=1")
    types = ["course" if row["item_id"] == "bees" else "book" for row in rows]
    assert sorted(types) == ["book", "course"]
    _, error = cli.run("recommend", "ada", "--quota", "course=two", code=2)
    assert "--quota needs a type of items and a number, as course=2: 'course=two'" in error


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "--filter: Invalid JSON"),
        ("[]", "--filter: Input should be an object"),
        ('{"price": 5}', "--filter knows no 'price': use attributes, categories"),
        ('{"categories": "book"}', "categories: Input should be a valid array"),
        ('{"attributes": ["a"]}', "attributes: Input should be an object"),
        ('{"ranges": {"price": 5}}', "ranges.price: Input should be an object"),
        (
            '{"ranges": {"price": {"min": true}}}',
            "ranges.price.min: Input should be a valid number",
        ),
        ('{"published_after": "soon"}', "published_after: Input should be a valid datetime"),
        (
            '{"published_after": "2026-03-01T00:00:00"}',
            "a time needs an offset, as 2026-03-01T00:00:00Z",
        ),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_filter(text)
    assert told in str(raised.value)


def test_topics_and_people_are_rows_of_their_functions(cli, dsn):
    vectors = seeded(4)
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        add_actions(db)
        for number, name in enumerate(PRICES):
            add_item(db, name, vectors[number], title=f"A book about {name}")
        for user in ("ada", "bob"):
            set_window(db, user, "recent", vectors[0])
            set_window(db, user, "topics", vectors[0])
            set_interests(db, user, ["tea"])
            interact(db, user, "tea", "like")
    (bob,) = cli.json("recommend-users", "ada")
    assert (bob["user_id"], bob["common_titles"]) == ("bob", ["A book about tea"])
    out, _ = cli.run("recommend-users", "ada")
    assert "liked by both" in out
    assert cli.json("recommend-topics", "ada") == []
    assert "Nothing was found." in cli.run("recommend-topics", "ada")[0]
