"""The report at the end of the demo: compares the tables with what the simulator knows."""

from dataclasses import dataclass

import psycopg
from rich.console import Group, RenderableType
from rich.table import Table

from jobs.demo.queries import dead_letters, recommended, rows_of_user, seen_items
from jobs.demo.story_run import Run
from jobs.simulator.evaluation import Followed, mean_share_on_topic, share_by_chance
from jobs.simulator.simulation import NEW_TOPIC
from jobs.simulator.story import Story

SAMPLE = 150
TOP = 10
WANTED_SHARE = 0.15
"""A user wants a topic with at least this share of their true interest."""


@dataclass(frozen=True)
class Check:
    """A claim, the numbers that were found, and whether it holds."""

    claim: str
    seen: str
    holds: bool


def checks(
    db: psycopg.Connection, story: Story, run: Run, followed: Followed | None
) -> list[Check]:
    """The checks of the report; `followed` is when the list followed the new interest, if ever."""
    truth, counters = story.simulation.truth, run.counters
    opened = run.fed - truth.lines
    users, on_topic, chance, repeats = _sample(db, story)
    by_reason = list(dead_letters(db).items())
    rows_left = rows_of_user(db, story.forgotten_user) if story.forgotten_user else 0
    listed = {item.item_id for item in recommended(db, story.followed, 50)}
    return [
        Check(
            "every line is accounted for",
            f"{counters.records_in:,} in = {counters.applied:,} applied + {counters.duplicates:,}"
            f" duplicates + {counters.dead_letters:,} dead + {counters.waiting:,} waiting"
            f" + {counters.excluded:,} excluded",
            counters.records_in == run.fed
            and counters.records_in
            == counters.applied
            + counters.duplicates
            + counters.dead_letters
            + counters.waiting
            + counters.excluded,
        ),
        Check(
            "good events count, and count once",
            f"{sum_of_good(counters.applied, truth.good + opened, counters.excluded)},"
            f" {counters.duplicates:,} of {truth.duplicates:,} duplicates dropped",
            # Waiting and later events of the forgotten user are excluded.
            counters.applied + counters.duplicates + counters.waiting + counters.excluded
            == truth.good + opened + truth.duplicates + truth.unknown_items
            and counters.applied <= truth.good + opened
            and counters.duplicates <= truth.duplicates,
        ),
        Check(
            "broken lines are dead letters",
            f"{counters.dead_letters:,} of {sum(truth.broken.values()):,}"
            f" ({', '.join(f'{count} {reason}' for reason, count in by_reason[:4])}, ...)",
            counters.dead_letters == sum(truth.broken.values()),
        ),
        Check(
            "events of unknown items wait",
            f"{counters.waiting:,} of {truth.unknown_items:,}",
            truth.unknown_items - counters.excluded <= counters.waiting <= truth.unknown_items,
        ),
        Check(
            f"the list follows {story.followed} to {NEW_TOPIC}",
            f"half of it {followed.seconds:.1f} s and {followed.events} events after the turn"
            if followed
            else "not by the end",
            followed is not None,
        ),
        Check(
            f"top {TOP} of {users} users is about what they truly want",
            f"{on_topic:.0%} of the items (by chance {chance:.0%})",
            on_topic > 3 * chance,
        ),
        Check("nothing seen is recommended", f"{repeats} of {users * TOP:,}", repeats == 0),
        Check(
            "the forgotten user has no rows",
            f"{rows_left} rows of {story.forgotten_user}",
            rows_left == 0,
        ),
        Check(
            "the withdrawn item is not recommended",
            f"{int(story.withdrawn_item in listed)} times",
            story.withdrawn_item not in listed,
        ),
    ]


def sum_of_good(applied: int, good: int, excluded: int) -> str:
    """How many of the good events count, and where the others are.

    >>> sum_of_good(29_982, 30_004, 24)
    '29,982 counted + 22 of the forgotten user excluded = 30,004'
    """
    left = good - applied
    if not 0 < left <= excluded:
        return f"{applied:,} of {good:,}"
    return f"{applied:,} counted + {left:,} of the forgotten user excluded = {good:,}"


def table(found: list[Check]) -> RenderableType:
    """A table of checks."""
    grid = Table(title="What the simulator knows, and what the job found", title_justify="left")
    grid.add_column("")
    grid.add_column("claim")
    grid.add_column("seen")
    for check in found:
        grid.add_row("[green]ok[/]" if check.holds else "[red]no[/]", check.claim, check.seen)
    return grid


def farewell(dsn: str, page: str) -> RenderableType:
    """Where the page is, the connection string, and queries to try."""
    grid = Table.grid(padding=(0, 2))
    for what, query in (
        ("ada's list", "SELECT rank, title, score, reason FROM interestream.recommend('ada');"),
        ("ada's interests", "SELECT * FROM interestream.user_interests('ada');"),
        (
            "one category",
            "SELECT rank, title FROM interestream.recommend('ada', 5, '{film}');",
        ),
        ("trending items", "SELECT title, score FROM interestream.trending(10);"),
        ("dead letters", "SELECT reason, count(*) FROM interestream.dead_letters GROUP BY 1;"),
    ):
        grid.add_row(f"[dim]{what}[/]", query)
    return Group("\n[bold]Ask it yourself[/]", page, f"psql '{dsn}'", grid)


def _sample(db: psycopg.Connection, story: Story) -> tuple[int, float, float, int]:
    """Number of users, mean share on topic, the same by chance, and number of seen items listed."""
    names = [
        row[0]
        for row in db.execute(
            "SELECT u.user_id FROM interestream.users AS u"
            " JOIN interestream.spaces AS s ON s.space_id = u.space_id AND s.active"
            " WHERE u.events >= 10 ORDER BY md5(u.user_id) LIMIT %s",
            (SAMPLE,),
        ).fetchall()
    ]
    end_ms = story.simulation.settings.end_ms
    wanted = {
        name: {
            topic
            for topic, share in story.true_topics(name, end_ms).items()
            if share >= WANTED_SHARE
        }
        for name in names
    }
    lists, repeats = {}, 0
    for name in names:
        lists[name] = [item.item_id for item in recommended(db, name, TOP)]
        repeats += len(seen_items(db, name) & set(lists[name]))
    chance = sum(share_by_chance(story.topic_of, wanted[name]) for name in names)
    share = mean_share_on_topic(
        lists, lambda item: story.topic_of.get(item, ""), wanted.__getitem__
    )
    return len(names), share, chance / max(len(names), 1), repeats
