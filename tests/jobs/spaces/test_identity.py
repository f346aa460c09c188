"""What a job reads from Postgres before it starts: its space, and the bits of its actions."""

import logging
import re
import threading

import numpy as np
import psycopg
import pytest

from jobs.config import Config, load_config
from jobs.core.job_identity import JobIdentity
from jobs.errors import ConfigError
from jobs.local.postgres import start, stop
from jobs.runtime.processes import free_port
from jobs.spaces.identity import read_identity
from sql.apply import apply

CREATE = "SELECT interestream.create_space('tiny', '1', %s, 3, %s::real[])"


def make_space(dsn: str, sha256: str, mean: float = 0.0) -> int:
    with psycopg.connect(dsn, autocommit=True) as db:
        (space_id,) = db.execute(CREATE, (sha256, [mean] * 3)).fetchone() or (0,)
    return int(space_id)


def config_of(dsn: str, **actions: dict[str, float]) -> Config:
    """A configuration with the connection string and these actions only."""
    values = {"database": {"dsn": dsn}, **({"actions": actions} if actions else {})}
    return Config.model_validate(values)


def bits(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn) as db:
        return dict(db.execute("SELECT action, bit FROM interestream.actions").fetchall())


def test_the_active_space_is_used_unless_another_one_is_named(job_dsn):
    first, second = make_space(job_dsn, "aa", 0.25), make_space(job_dsn, "bb")
    identity = read_identity(config_of(job_dsn))
    assert isinstance(identity, JobIdentity)
    assert (identity.space_id, identity.dim, identity.bundle_sha256) == (first, 3, "aa")
    assert np.frombuffer(identity.mean, dtype=np.float32).tolist() == [0.25] * 3
    assert read_identity(config_of(job_dsn), second).space_id == second


def test_the_error_for_a_missing_space_names_the_command_that_makes_one(job_dsn):
    with pytest.raises(ConfigError, match="interestream space create"):
        read_identity(config_of(job_dsn))
    make_space(job_dsn, "aa")
    with pytest.raises(ConfigError, match="no embedding space 999"):
        read_identity(config_of(job_dsn), 999)


def test_a_later_start_has_a_larger_epoch(job_dsn, monkeypatch):
    make_space(job_dsn, "aa")
    epochs = []
    for now_s in (1_773_144_000.0, 1_773_144_000.5):
        monkeypatch.setattr("jobs.spaces.identity.time.time", lambda now_s=now_s: now_s)
        epochs.append(read_identity(config_of(job_dsn)).epoch)
    assert epochs == [1_773_144_000_000, 1_773_144_000_500]


def test_actions_keep_their_bits_and_new_ones_get_the_next(job_dsn):
    make_space(job_dsn, "aa")
    first = read_identity(config_of(job_dsn, like={"weight": 3}, view={"weight": 1}))
    assert first.action_bits == {"like": 0, "view": 1}
    later = read_identity(config_of(job_dsn, share={"weight": 2}, view={"weight": 5}))
    assert later.action_bits == {"like": 0, "view": 1, "share": 2}
    assert bits(job_dsn) == later.action_bits
    with psycopg.connect(job_dsn) as db:
        weights = db.execute("SELECT action, weight FROM interestream.actions").fetchall()
    assert dict(weights) == {"like": 3.0, "view": 5.0, "share": 2.0}


def test_the_actions_of_the_configuration_are_stored_unchanged(job_dsn):
    make_space(job_dsn, "aa")
    config = load_config(overrides=[f"database.dsn={job_dsn}"])
    read_identity(config)
    with psycopg.connect(job_dsn) as db:
        rows = db.execute("SELECT action, weight, sign, seen FROM interestream.actions").fetchall()
    assert {name: tuple(rest) for name, *rest in rows} == {
        name: (action.weight, action.sign, action.seen) for name, action in config.actions.items()
    }


def test_too_many_actions_are_refused_and_none_of_them_is_stored(job_dsn):
    make_space(job_dsn, "aa")
    many = {f"action{number}": {"weight": 1.0} for number in range(63)}
    assert len(read_identity(config_of(job_dsn, **many)).action_bits) == 63
    with pytest.raises(ConfigError, match="'one_more' is one too many"):
        read_identity(config_of(job_dsn, action0={"weight": 2}, one_more={"weight": 1}))
    with psycopg.connect(job_dsn) as db:
        weights = db.execute("SELECT DISTINCT weight FROM interestream.actions").fetchall()
    assert (len(bits(job_dsn)), weights) == (63, [(1.0,)])


def test_the_error_for_an_unreachable_postgres_hides_the_password():
    dsn = "postgresql://job:s3cret@127.0.0.1:1/nowhere"
    config = Config.model_validate({"database": {"dsn": dsn, "start_wait_s": 0}})
    with pytest.raises(ConfigError, match="Postgres cannot be reached") as caught:
        read_identity(config)
    assert "s3cret" not in str(caught.value)


def test_rows_of_windows_that_are_switched_off_are_deleted_at_the_start(job_dsn):
    space_id, other = make_space(job_dsn, "aa"), make_space(job_dsn, "bb")
    kinds = ["recent", "session", "day", "month", "topics", "dislikes"]
    with psycopg.connect(job_dsn, autocommit=True) as db:
        for space in (space_id, other):
            db.execute(
                "INSERT INTO interestream.user_windows"
                " SELECT %s, 'ada', kind, '[1,0,0]', 1, now(), 1, 1"
                " FROM unnest(%s::text[]) AS kind",
                (space, kinds),
            )
        interest = {"half_lives_s": {"day": 60}, "last_n": 0, "topics_half_life_s": 0}
        read_identity(Config.model_validate({"database": {"dsn": job_dsn}, "interest": interest}))
        left = db.execute(
            "SELECT space_id, array_agg(kind ORDER BY kind) FROM interestream.user_windows"
            " GROUP BY space_id"
        ).fetchall()
    assert dict(left) == {space_id: ["day", "dislikes"], other: sorted(kinds)}


@pytest.mark.parametrize(
    ("sections", "left"),
    [
        ({"batching": {"buckets": 2}}, [0, 1]),
        ({"feedback": {"enabled": False}}, []),
    ],
)
def test_counts_of_clicks_that_no_bucket_counts_are_deleted_at_the_start(job_dsn, sections, left):
    make_space(job_dsn, "aa")
    with psycopg.connect(job_dsn, autocommit=True) as db:
        for bucket in range(4):
            db.execute(
                "INSERT INTO interestream.click_counts VALUES (1, %s, '', 1, '', '', 3, 1)",
                [bucket],
            )
        read_identity(Config.model_validate({"database": {"dsn": job_dsn}, **sections}))
        counts = "SELECT bucket FROM interestream.click_counts ORDER BY 1"
        assert [bucket for (bucket,) in db.execute(counts).fetchall()] == left


@pytest.mark.parametrize(
    ("sections", "left"),
    [
        ({}, 2),
        ({"neighbors": {"enabled": False}}, 1),
        ({"interest": {"last_n": 0}}, 1),
    ],
)
def test_neighbours_of_items_are_deleted_at_the_start_if_none_are_kept(job_dsn, sections, left):
    spaces = make_space(job_dsn, "aa"), make_space(job_dsn, "bb")
    with psycopg.connect(job_dsn, autocommit=True) as db:
        for space in spaces:
            db.execute(
                "INSERT INTO interestream.item_neighbors VALUES"
                " (%s, 'a', '{b}', '{1}', 1, now(), 60, 1, 1)",
                (space,),
            )
        read_identity(Config.model_validate({"database": {"dsn": job_dsn}, **sections}))
        found = db.execute("SELECT count(*) FROM interestream.item_neighbors").fetchone()
    assert found == (left,)


def test_a_postgres_that_refuses_connections_is_waited_for(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    server = start(tmp_path / "data", settings={"shared_buffers": "16MB"})
    apply(server.dsn)
    make_space(server.dsn, "aa")
    stop(server.data_dir)
    again = threading.Timer(1.0, start, [server.data_dir], {"port": server.port})
    again.start()
    try:
        assert read_identity(config_of(server.dsn)).bundle_sha256 == "aa"
    finally:
        again.join()
        stop(server.data_dir)
    assert "Postgres is not there yet, waiting up to 60 s more" in caplog.text
    assert server.password not in caplog.text


def test_the_wait_for_postgres_ends_with_an_error():
    dsn = f"postgresql://postgres:secret@127.0.0.1:{free_port()}/postgres"
    config = Config.model_validate({"database": {"dsn": dsn, "start_wait_s": 0.2}})
    with pytest.raises(ConfigError, match="Connection refused"):
        read_identity(config)


def test_a_wrong_password_is_not_waited_for(job_dsn, caplog):
    caplog.set_level(logging.WARNING)
    wrong = re.sub(":[^:@]+@", ":wrong@", job_dsn)
    with pytest.raises(ConfigError, match="password authentication failed"):
        read_identity(config_of(wrong))
    assert caplog.text == ""
