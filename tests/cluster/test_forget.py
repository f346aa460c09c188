"""A forgotten user leaves no trace in anything that is ours: tables, state, logs, kept texts.

The records themselves lie in the streams for as long as `sources.keep_s` or a topic keeps them.
"""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

import orjson
import psycopg
import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, command_line, event_line, item_line
from tests.cluster.backends import BACKENDS
from tests.cluster.traces import files_naming, tables_naming

KEPT = "remembered-5e1d"
FORGOTTEN = "forgotten-8b4c"
VISITOR = f"visitor-of-{FORGOTTEN}"
"""An id that is merged into the user, and so forgotten with it."""
NAMES = ("tea", "chess", "clouds")
ITEMS = [item_line(name, title=f"A book about {name}") for name in NAMES]


def everything(user: str) -> list[bytes]:
    """Every action on every item, texts that name the user, an event that waits, and records that
    are broken in each way that leaves the user readable."""
    lines = [
        event_line(
            f"{user}-{action}-{item}",
            user_id=user,
            action=action,
            item_id=item,
            value=4,
            text=f"{user} likes {item}",
            session_id=f"session of {user}",
            context={"mail": f"{user}@example.org"},
            event_time=NOON_MS + 1000 * number + place,
        )
        for number, action in enumerate(DEFAULT_ACTIONS)
        for place, item in enumerate(NAMES)
    ]
    about = {"user_id": user}
    good = event_line(f"{user}-cut", item_id="tea", **about)
    return [
        *lines,
        event_line(
            f"{user}-query", action="search", item_id=None, text=f"books of {user}", **about
        ),
        event_line(f"{user}-waits", item_id=f"unknown to {user}", **about),
        event_line(f"{user}-action", action="levitate", **about),
        event_line(f"{user}-time", event_time="soon", **about),
        event_line(f"{user}-null", text=f"{user}\0", **about),
        good.replace(b'"action"', b'"action":,"a"'),
        good[:-9],
        event_line(f"{user}-long", text=f"{user} " * 6_000, **about),
        undecoded_line(Undecoded(f"{user};tea".encode(), "unreadable_row", "e.csv, line 2", user)),
    ]


def commands(user: str) -> list[bytes]:
    """Commands that are carried out, and some that are not."""
    return [
        command_line(user, "opt_out"),
        command_line(user, "opt_in"),
        command_line(user, "praise"),
        orjson.dumps({"user_id": user, "command": "merge", "into": user}),
    ]


def until(condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.cluster
def test_a_forgotten_user_is_found_nowhere(dsn: str, bundle_dir: Path, tmp_path: Path) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    store = tmp_path / "vectors" / "texts.sqlite"
    store.parent.mkdir()
    settings = ["retention.duplicate_last_n=2", f"encoder.store={store}", "encoder.cache_size=0"]
    cluster_dir = tmp_path / "cluster"
    with (
        LocalCluster(cluster_dir, dsn, options=BACKENDS["rocksdb"]) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def settled(stream: str, records: int) -> None:
            def done() -> bool:
                progress = read_progress(db, space_id)
                return progress[stream].records_in >= records and not progress["events"].unwritten

            until(done, f"{records} of {stream}")

        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)
        feed.write_items(ITEMS)
        settled("vectors", len(ITEMS))
        lines = [line for user in (KEPT, FORGOTTEN, VISITOR) for line in everything(user)]
        feed.write_events(lines)
        settled("events", len(lines))
        given = [command for user in (KEPT, FORGOTTEN) for command in commands(user)]
        merge = orjson.dumps({"user_id": VISITOR, "command": "merge", "into": FORGOTTEN})
        feed.write_control([*given, merge])
        settled("control", len(given) + 1)
        assert tables_naming(db, FORGOTTEN).keys() >= {
            "users",
            "user_windows",
            "user_items",
            "dead_letters",
        }

        feed.write_control([command_line(FORGOTTEN, "forget")])
        settled("control", len(given) + 2)
        late = [*everything(FORGOTTEN), *everything(VISITOR)]
        readable = [line for line in late if b'"user_id"' in line and _is_object(line)]
        feed.write_events(readable)
        settled("events", len(lines) + len(readable))

        savepoint = Path(unquote(urlparse(cluster.stop(job_id, tmp_path / "savepoints")).path))
        assert tables_naming(db, FORGOTTEN) == {}
        assert tables_naming(db, KEPT).keys() >= {"users", "user_windows", "dead_letters"}
    assert files_naming(savepoint, FORGOTTEN) == []
    assert files_naming(savepoint, KEPT) != []
    assert files_naming(store.parent, FORGOTTEN) == []
    assert store.stat().st_size
    logs = [file for file in cluster_dir.rglob("*") if file.suffix in (".log", ".out", ".err")]
    assert any(job_id in log.read_text(errors="replace") for log in logs)
    assert [log for log in logs if FORGOTTEN in log.read_text(errors="replace")] == []


def _is_object(line: bytes) -> bool:
    """Of a broken line that comes later, one that is no JSON may be kept (docs/contract.md)."""
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
