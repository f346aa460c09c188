"""`interestream space back`, `status` and `retire` on the terminal."""

import psycopg
import pytest

from tests.sql.builders import add_space

WRITE = (
    "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
    " duplicates, dead_letters, waiting, applied, excluded, committed_at)"
    " VALUES (%s, 'events', 0, 1, %s, 0, 0, 0, 0, 0, now() - make_interval(secs => %s))"
)


@pytest.fixture
def changed(dsn):
    """Space 2 of 4 dimensions is active; the job of space 1 stopped five minutes ago, 20 records
    behind."""
    with psycopg.connect(dsn, autocommit=True) as db:
        first, second = add_space(db), add_space(db, dim=4, sha256="bb")
        db.execute("SELECT interestream.activate_space(%s)", (second,))
        db.execute(WRITE, (first, 100, 300))
        db.execute(WRITE, (second, 120, 0))
        yield db


def test_going_back_to_a_space_whose_job_is_silent_warns(cli, changed):
    output, _ = cli.run("space", "back")
    assert output.splitlines() == [
        "space 1 is active: mini 1, 8 dimensions",
        "its job was 20 records behind, and last wrote 5 min ago",
        "its job may not be running: until it catches up, answers stay that old",
    ]
    output, _ = cli.run("space", "back")
    assert output.splitlines() == ["space 2 is active: mini 1, 4 dimensions"]


def test_status_shows_both_spaces_and_which_one_back_activates(cli, changed):
    output, _ = cli.run("space", "status")
    first, second = (line for line in output.splitlines() if "mini 1" in line)
    assert "previous" in first
    assert "5 min ago" in first
    assert "active" in second


def test_a_space_in_use_is_not_retired_without_force(cli, changed):
    _, error = cli.run("space", "retire", "2", code=2)
    assert "space 2 is the active one: run `interestream space back`" in error
    _, error = cli.run("space", "retire", "1", code=2)
    assert "goes back to: use --force" in error
    output, _ = cli.run("space", "retire", "1", "--force")
    assert output == "space 1 is deleted\n"
    _, error = cli.run("space", "back", code=2)
    assert "no other space was active before" in error
