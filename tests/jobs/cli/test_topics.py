"""`interestream health` and `status` for a job that reads topics."""

import json
from pathlib import Path

import psycopg

from tests.fixtures.kafka import Broker
from tests.fixtures.kafka_records import new_topics, write_aged
from tests.jobs.cli.conftest import CommandLine
from tests.sql.builders import add_space


def test_the_commands_show_what_waits(
    kafka: Broker, dsn: str, cli: CommandLine, tmp_path: Path
) -> None:
    topics = new_topics(kafka, "lag-of-commands")
    with psycopg.connect(dsn, autocommit=True) as db:
        space_id = add_space(db)
        db.execute(
            "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
            " duplicates, dead_letters, waiting, applied, excluded, committed_at)"
            " VALUES (%s, 'events', 0, 1, 5, 0, 0, 0, 5, 0, clock_timestamp())",
            (space_id,),
        )
    write_aged(kafka, topics.events, 0, [3_600_000, 0])
    file = tmp_path / "job.toml"
    file.write_text(
        f'[sources]\nkind = "kafka"\n[sources.kafka]\nbootstrap = "{topics.bootstrap}"\n'
        f'events = "{topics.events}"\nitems = "{topics.items}"\ncontrol = "{topics.control}"\n'
    )
    out, _ = cli.run("health", "--config", str(file), "--json", code=2)
    lag = [check for check in json.loads(out)["checks"] if check["check"] == "lag"]
    assert [check["state"] for check in lag] == ["critical", "ok", "ok"]
    assert lag[0]["topic"]["unread"] == 2
    assert lag[0]["sentence"] == (
        f"2 records of the topic {topics.events} wait, the oldest for 60 min, and none is read"
    )
    out, _ = cli.run("status", "--config", str(file), "--json", code=0)
    shown = {each["stream"]: each["unread"] for each in json.loads(out)["topics"]}
    assert shown == {"events": 2, "items": 0, "control": 0}
    out, error = cli.run("status", "--config", str(file), code=0)
    assert topics.events in out
    assert "Note: 2 records of the topic" in error
    out, _ = cli.run("status", "--json", code=0)
    assert "topics" not in json.loads(out)
