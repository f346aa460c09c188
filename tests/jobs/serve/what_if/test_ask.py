"""What if, beside what then really happens: the core folds the event, the sinks write it."""

import subprocess
import sys
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.rows import dict_row

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.serve.what_if.ask import Answer, SupposedEvent, UnknownItemError, ask_what_if
from tests.jobs.serve.page.population import END_MS, INTEREST, Population, populate
from tests.sql.logins import login

AT_MS = END_MS + 60_000
AT = datetime.fromtimestamp(AT_MS / 1000, UTC)
ARGUMENTS = {"k": 10, "categories": None, "space": None, "diversity": 0.3, "explore": 0.1}
LISTED = "SELECT r.item_id, r.score, r.source FROM interestream.recommend(%s) AS r ORDER BY r.rank"


async def suppose(dsn: str, user: str, event: SupposedEvent) -> Answer:
    """Ask as the page does: in a transaction that is rolled back."""
    async with (
        await psycopg.AsyncConnection.connect(dsn, row_factory=dict_row) as db,
        db.transaction(force_rollback=True),
    ):
        return await ask_what_if(db, user, event, ARGUMENTS, DEFAULT_ACTIONS, INTEREST, AT)


def listed(dsn: str, user: str) -> list[tuple[str, float, str]]:
    with psycopg.connect(dsn) as db:
        return db.execute(LISTED, (user,)).fetchall()


def asked(dsn: str, user: str, event: SupposedEvent) -> Answer:
    import asyncio

    with login(dsn, "interestream_reader") as reader:
        return asyncio.run(suppose(reader, user, event))


def record(user: str, action: str, item: str, time_ms: int) -> dict[str, object]:
    return {
        "event_id": f"{user}-{action}-{item}-{time_ms}",
        "user_id": user,
        "action": action,
        "item_id": item,
        "event_time": time_ms,
    }


@pytest.fixture
def population(dsn: str) -> Population:
    return populate(dsn, users=60, items=240, events=1_200)


def with_known_past(population: Population) -> str:
    """A user whose every event `user_items` tells of: one view an item, then a like of some."""
    items = list(population.simulation.catalogue.items)[:80:4]
    population.feed(
        record("eve", "view", item, END_MS - (40 - number) * 1_800_000 // 2)
        for number, item in enumerate(items)
    )
    population.feed(
        record("eve", "like", item, END_MS - (39 - number) * 60_000)
        for number, item in enumerate(items[::3])
    )
    return "eve"


@pytest.mark.parametrize("action", ["view", "like", "dislike", "impression"])
def test_it_is_what_happens_to_a_user_whose_events_are_all_known(population, action):
    user = with_known_past(population)
    item = listed(population.dsn, user)[2][0]
    supposed = asked(population.dsn, user, SupposedEvent(item, action))
    population.feed([record(user, action, item, AT_MS)])
    real = listed(population.dsn, user)
    assert [row["item_id"] for row in supposed.rows] == [row[0] for row in real]
    assert [row["source"] for row in supposed.rows] == [row[2] for row in real]
    assert [row["score"] for row in supposed.rows] == pytest.approx(
        [row[1] for row in real], abs=0.01
    )


def test_of_users_with_repeated_events_nearly_the_same_list_comes(population):
    """Their windows are known, and so is nearly all of the rest."""
    same = wanted = 0
    for user in sorted(population.entries)[:20]:
        item = listed(population.dsn, user)[0][0]
        supposed = asked(population.dsn, user, SupposedEvent(item, "like"))
        population.feed([record(user, "like", item, AT_MS)])
        real = {row[0] for row in listed(population.dsn, user)}
        same += len(real & {row["item_id"] for row in supposed.rows})
        wanted += len(real)
    assert same / wanted >= 0.95


def test_nothing_of_it_stays(population):
    user = with_known_past(population)
    before = listed(population.dsn, user)
    tables = "users", "user_windows", "user_items"
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM interestream.{t})" for t in tables)
    with psycopg.connect(population.dsn) as db:
        rows = db.execute(counts).fetchone()
    asked(population.dsn, user, SupposedEvent(before[0][0], "like"))
    with psycopg.connect(population.dsn) as db:
        assert db.execute(counts).fetchone() == rows
    assert listed(population.dsn, user) == before


def test_a_user_without_a_past_gets_the_list_of_one_event(population):
    item = next(iter(population.simulation.catalogue.items))
    supposed = asked(population.dsn, "nobody", SupposedEvent(item, "like"))
    population.feed([record("nobody", "like", item, AT_MS)])
    assert [row["item_id"] for row in supposed.rows] == [
        row[0] for row in listed(population.dsn, "nobody")
    ]


def test_an_unknown_item_or_action_is_refused(population):
    with pytest.raises(UnknownItemError):
        asked(population.dsn, "ada", SupposedEvent("no such item", "like"))
    item = next(iter(population.simulation.catalogue.items))
    with pytest.raises(KeyError):
        asked(population.dsn, "ada", SupposedEvent(item, "no such action"))


FRESH = """
import sys
from datetime import UTC, datetime
import jobs.serve.app
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Interest
from jobs.serve.what_if.ask import rows_after
at = datetime(2026, 3, 1, tzinfo=UTC)
past = [{"item_id": "a", "vector": "[1,0]", "names": ["like"], "first_at": at, "signal": 3.0,
    "signal_at": at}]
after = rows_after([], past, "b", "[0,1]", 4.0, at, DEFAULT_ACTIONS, Interest())
print(*after.interest_items, *after.interest_sizes)
print(*sorted({"numba", "sklearn"} & set(sys.modules)))
"""


def test_the_first_question_of_a_process_waits_for_no_compiler_and_no_library_of_the_map():
    done = subprocess.run(
        [sys.executable, "-c", FRESH], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines() == ["b a 1 1", ""]
