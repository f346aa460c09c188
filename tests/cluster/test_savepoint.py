"""A savepoint of a real cluster: it has no trace of a forgotten user, and another configuration
continues from it."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, command_line, event_line, item_line
from tests.cluster.backends import BACKENDS

KEPT = "remembered-7f3a"
FORGOTTEN = "forgotten-9c2e"
ITEMS = [item_line(name, title=f"A book about {name}") for name in ("tea", "chess", "clouds")]


def lines_of(user_id: str) -> list[bytes]:
    """Two likes, a search, a comment, an event that waits, and one with an unknown action."""
    about = {"user_id": user_id}
    return [
        event_line(f"{user_id}-1", item_id="tea", event_time=NOON_MS, **about),
        event_line(f"{user_id}-2", item_id="chess", event_time=NOON_MS + 1000, **about),
        event_line(f"{user_id}-3", action="search", item_id=None, text=f"{user_id} tea", **about),
        event_line(f"{user_id}-4", action="comment", item_id="tea", text="Lovely.", **about),
        event_line(f"{user_id}-5", item_id=f"unknown to {user_id}", **about),
        event_line(f"{user_id}-6", action="levitate", **about),
    ]


def rows_naming(db: psycopg.Connection, text: str) -> dict[str, int]:
    """Number of rows with the text, as characters or as bytes, by table."""
    tables = db.execute(
        "SELECT c.relname FROM pg_class AS c"
        " WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()
    found = {}
    for (table,) in tables:
        (count,) = db.execute(
            f"SELECT count(*) FROM interestream.{table} AS t"
            " WHERE strpos(t::text, %s) > 0 OR strpos(t::text, %s) > 0",
            (text, text.encode().hex()),
        ).fetchone() or (0,)
        if count:
            found[table] = count
    return found


def until(condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.cluster
@pytest.mark.long
def test_a_forgotten_user_leaves_no_trace_and_another_configuration_goes_on(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    with (
        LocalCluster(tmp_path / "cluster", dsn, options=BACKENDS["rocksdb"]) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def records(stream: str) -> int:
            return read_progress(db, space_id)[stream].records_in

        # Ids beyond the first two of a user lie in pages.
        few_ids = ["retention.duplicate_last_n=2"]
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, few_ids))
        cluster.wait_running(job_id)
        feed.write_items(ITEMS)
        until(lambda: records("vectors") == 3, "the items")
        feed.write_events([*lines_of(KEPT), *lines_of(FORGOTTEN)])
        until(lambda: records("events") == 12, "the events")
        assert rows_naming(db, FORGOTTEN).keys() >= {"users", "user_windows", "user_items"}
        feed.write_control([command_line(FORGOTTEN, "forget")])
        until(lambda: records("control") == 1, "the command")
        until(lambda: read_progress(db, space_id)["events"].unwritten == 0, "lazy rows")

        savepoint = cluster.stop(job_id, tmp_path / "savepoints")
        folder = Path(unquote(urlparse(savepoint).path))
        contents = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
        assert KEPT.encode() in contents
        assert FORGOTTEN.encode() not in contents
        assert rows_naming(db, FORGOTTEN) == {}
        assert rows_naming(db, KEPT)["dead_letters"] == 1

        changed = [
            'interest.half_lives_s={"day":43200.0,"week":604800.0}',
            "interest.last_n=16",
            "interest.topics_half_life_s=0",
            "interest.slow_delay_s=1",
            *few_ids,
        ]
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, changed), savepoint)
        cluster.wait_running(job_id)
        feed.write_events(
            [
                event_line("late", user_id=FORGOTTEN, item_id="tea"),
                event_line("next", user_id=KEPT, item_id="clouds", event_time=NOON_MS + 2000),
                *lines_of(KEPT),
            ]
        )
        until(lambda: records("events") == 20, "the events after the restore")
        # After a restart events wait until items are read; one waits for its unknown item.
        until(lambda: read_progress(db, space_id)["events"].waiting == 1, "what waited")
        # All but the unknown action, which is a dead letter again.
        assert read_progress(db, space_id)["events"].duplicates == 5
        until(lambda: read_progress(db, space_id)["events"].unwritten == 0, "lazy rows")
        counted = db.execute("SELECT user_id, events FROM interestream.users").fetchall()
        kinds = db.execute(
            "SELECT array_agg(kind ORDER BY kind) FROM interestream.user_windows"
        ).fetchone()
        status = cluster.rest.status(job_id)
    assert status is not None
    assert status.restarts == 0
    # Two likes, a search and a comment before; one like after.
    assert counted == [(KEPT, 5)]
    assert kinds == (["day", "recent", "session", "week"],)
