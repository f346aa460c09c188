"""The README's commands for a Postgres and a Flink cluster of one's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster

MAPPING = """
name = "shop"

[items]
file = "items.csv"
item_id = "item"
title = "title"

[events]
file = "events.csv"
user_id = "user"
item_id = "item"
time = "timestamp"
time_unit = "s"
default_action = "purchase"
"""
ITEMS = ["rye flour", "sourdough starter", "bread basket", "running shoes", "trail map"]


def interestream(dsn: str, *arguments: str, code: int = 0) -> str:
    """The standard output of a command; with another exit code than 0, the standard error too."""
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", *arguments],
        env={**os.environ, "INTERESTREAM_DSN": dsn},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert dsn not in done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.mark.cluster
@pytest.mark.long
def test_a_table_of_ones_own_is_replayed_into_a_cluster_and_answered(
    empty_dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "mapping.toml").write_text(MAPPING)
    (shop / "items.csv").write_text(
        "item,title\n"
        + "".join(f"{number},{title}\n" for number, title in enumerate(ITEMS))
        + "9,\n"
    )
    (shop / "events.csv").write_text(
        "user,item,timestamp\nada,0,1700000000\nada,1,1700000060\nbob,3,1700000120\n"
        "bob,3\nbob,3,soon\n"
    )
    interestream(empty_dsn, "apply")
    name, registry = bundle_dir.parent.name, str(bundle_dir.parents[1])
    reference = f"{name}@{bundle_dir.name}"
    created = interestream(
        empty_dsn, "space", "create", reference, str(shop), "--registry", registry
    )
    assert "space 1" in created
    assert "minilm" in interestream(empty_dsn, "space", "list")
    with LocalCluster(tmp_path / "cluster", empty_dsn) as cluster:
        of_space = [f"encoder.registry={registry}", f"encoder.bundle={name}@space"]
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, of_space))
        cluster.wait_running(job_id)
        streams = str(tmp_path / "streams")
        replay = ("replay", str(shop), "--streams", streams)
        output = interestream(empty_dsn, *replay, "--json", "--max-dead", "50%")
        again = interestream(empty_dsn, *replay, code=1)
    report = json.loads(output)
    assert (report["name"], report["events"], report["counters"]["applied"]) == ("shop", 5, 3)
    assert report["fed"]["items"] == {
        "read": 6,
        "accepted": 5,
        "duplicates": 0,
        "excluded": 0,
        "dead": 1,
        "reasons": {"missing_field": 1},
        "unread": {},
        "first_unread": {},
    }
    assert report["left_out"] == {}
    events = report["fed"]["events"]
    assert (events["accepted"], events["dead"]) == (3, 2)
    assert events["reasons"] == {"bad_time": 1, "unreadable_row": 1}
    assert events["unread"] == {"too few cells": 1}
    assert events["first_unread"] == {"too few cells": "events.csv, line 5"}
    # Only what died in the second replay, although as much had died before.
    told = " ".join(again.split())
    assert "0 of 5 events" in told
    assert "3 duplicates" in told
    assert "items 1 (missing_field 1)" in told
    assert "unreadable_row 1" in told
    assert "1 of 6 items died, more than --max-dead allows" in told
    assert "3" in interestream(empty_dsn, "status")
    (first_item, *_) = json.loads(interestream(empty_dsn, "recommend", "ada", "--json"))
    assert first_item["title"] == "bread basket"
    with psycopg.connect(empty_dsn) as db:
        first = db.execute("SELECT title FROM interestream.recommend('ada', 1)").fetchone()
    assert first == ("bread basket",)


def test_a_command_without_a_database_says_what_to_give() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "apply"],
        env={key: value for key, value in os.environ.items() if key != "INTERESTREAM_DSN"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "INTERESTREAM_DSN" in done.stderr
    assert done.stdout == ""
