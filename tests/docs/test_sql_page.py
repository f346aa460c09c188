"""The page about asking names every parameter, default and result column of the catalogue."""

import re
from pathlib import Path

import psycopg
import pytest

from tests.sql.builders import add_actions, add_item, add_space, seeded, set_interests, set_window

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sql.md").read_text()

CATALOGUE = """
SELECT p.proname, p.proargnames, p.proargmodes::text[], pg_get_function_arguments(p.oid)
FROM pg_proc AS p WHERE p.pronamespace = 'interestream'::regnamespace
"""


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    _, _, below = PAGE.partition(f"\n## {heading}\n")
    lines = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len(rows) > 2
    return rows[2:]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


FUNCTIONS = {
    quoted(row[0])[0]: quoted(row[1])
    for heading in ("Functions", "Spaces and users")
    for row in table(heading)
}


def parameters(arguments: str) -> list[str]:
    """What Postgres says of a function's arguments, as the page writes it."""
    found = []
    for argument in re.split(r", (?=p_)", arguments) if arguments else []:
        plain = argument.replace(" DEFAULT ", " = ").replace("interestream.", "")
        plain = re.sub(r"::[a-z_ ]+(\[\])?", "", plain)
        found.append(plain.replace("'", ""))
    return found


def test_every_function_that_people_call_is_on_the_page():
    files = {
        file.stem
        for folder in ("ask", "spaces")
        for file in (ROOT / "sql" / "functions" / folder).glob("*.sql")
    }
    assert FUNCTIONS.keys() == files


def test_parameters_and_defaults_are_those_of_the_catalogue(db):
    found = {row[0]: parameters(row[3]) for row in db.execute(CATALOGUE).fetchall()}
    assert {name: found[name] for name in FUNCTIONS} == FUNCTIONS


def test_result_columns_are_those_of_the_catalogue(db):
    found = {}
    for name, names, modes, *_ in db.execute(CATALOGUE).fetchall():
        columns = [n for n, mode in zip(names or (), modes or (), strict=False) if mode == "t"]
        if name in FUNCTIONS and columns:
            found[name] = set(columns)
    page: dict[str, set[str]] = {}
    for column, functions, _ in table("Columns of the answers"):
        for name in quoted(functions):
            page.setdefault(name, set()).update(quoted(column))
    assert page == found


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """A database with a few items and a user; a test may commit it, it is dropped afterwards."""
    add_actions(db)
    add_space(db)
    for number, vector in enumerate(seeded(6)):
        add_item(db, f"b-{number + 15}", vector, title=f"Title {number}", categories=["book"])
    set_window(db, "ada", "recent", seeded(1, seed=1)[0])
    set_interests(db, "ada", ["b-15"])
    return db


EXAMPLES = [
    statement.strip()
    for block in re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
    for statement in block.split(";\n")
    if statement.strip()
]
TRANSCRIPTS = re.findall(r"^=> (SELECT .*?);$", PAGE, flags=re.MULTILINE)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_has_an_example_for_each_field_of_the_filter():
    given = {name for text in EXAMPLES for name in re.findall(r"(p_\w+) =>", text)}
    fields = {parameter.split()[0] for parameter in FUNCTIONS["item_filter"]}
    assert len(EXAMPLES) >= 9
    assert fields <= given


@pytest.mark.parametrize("statement", EXAMPLES + TRANSCRIPTS)
def test_every_example_runs(shop, statement):
    described = shop.execute(statement.encode()).description
    assert described is not None
    assert described[0].name in {"rank", "segment", "freeze_weights", "no_item_passes", "place"}


def test_a_transcript_shows_the_columns_of_its_statement(shop):
    blocks = re.findall(r"^=> (SELECT .*?);\n(.+)$", PAGE, flags=re.MULTILINE)
    assert len(blocks) == len(TRANSCRIPTS) > 0
    for statement, head in blocks:
        described = shop.execute(statement.encode()).description
        assert [name.strip() for name in head.split("|")] == [column.name for column in described]


@pytest.mark.parametrize("block", PYTHON)
def test_every_python_example_runs(shop, dsn, block, capsys):
    shop.execute("UPDATE interestream.items SET language = 'en'")
    shop.commit()
    exec(block, {"dsn": dsn})
    assert capsys.readouterr().out.startswith("1 Title ")


def test_the_page_has_a_python_example():
    assert len(PYTHON) == 1
