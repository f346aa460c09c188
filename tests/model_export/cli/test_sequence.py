"""`sequence` from what the database knows to a model that serves, and the way back."""

import json

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from model_export import exit_codes
from model_export.publishing.lock import export_lock
from tests.model_export.cli.builders import run
from tests.model_export.sequence.planted import TEXT_DIM, blocks
from tests.sql.logins import login
from udfs.registry.registry import open_registry
from udfs.sequence.published import published_versions, sequence_folder

SMALL = ("--epochs", 30, "--dim", 16, "--max-events", 8, "--json")


def fill(dsn, of):
    """A space with the items of `of`, what users did, and a row of each but the last user."""
    with psycopg.connect(dsn) as db:
        db.execute(
            "SELECT interestream.create_space('tiny', '1', 'aa', %s, %s::real[])",
            [TEXT_DIM, [0.0] * TEXT_DIM],
        )
        cursor = db.cursor()
        cursor.executemany(
            "INSERT INTO interestream.items (item_id, title, epoch, version) VALUES (%s, %s, 1, 1)",
            [(item, item) for item in of.item_ids],
        )
        cursor.executemany(
            "INSERT INTO interestream.item_vectors VALUES (1, %s, %s::real[]::halfvec, 1, 1)",
            [
                (item, [float(x) for x in row])
                for item, row in zip(of.item_ids, of.texts, strict=True)
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.user_items VALUES (%s, %s, 4,"
            " to_timestamp(%s), to_timestamp(%s), 1, to_timestamp(%s), %s)",
            [
                (of.user_ids[user], of.item_ids[item], *[time_ms / 1000] * 3, number)
                for number, (user, item, time_ms) in enumerate(
                    zip(of.user, of.item, of.time_ms.tolist(), strict=True)
                )
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.users"
            " (space_id, user_id, events, last_event_at, epoch, version)"
            " VALUES (1, %s, 9, now(), 1, 1)",
            [(user,) for user in of.user_ids[:-1]],
        )


@pytest.fixture
def publisher(dsn):
    """A login that may do what publishing takes, in a database with a planted order."""
    fill(dsn, blocks())
    with login(dsn, "interestream_writer") as url:
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute(f"GRANT interestream_admin TO {conninfo_to_dict(url)['user']}")
        yield url


def train(registry, dsn, *options):
    return run("sequence", "--registry", registry, "--dsn", dsn, *SMALL, *options)


def models(dsn):
    with psycopg.connect(dsn) as db:
        return db.execute(
            "SELECT m.model, m.state FROM interestream.sequence_models() AS m"
        ).fetchall()


def test_a_model_that_adds_something_serves_and_the_same_again_is_none(publisher, dsn, tmp_path):
    result = train(tmp_path, publisher)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert said["published"]
    assert said["figures"]["new_blend_ndcg"] > said["figures"]["blend_without_ndcg"]
    assert models(dsn) == [(2, "in use")]
    with psycopg.connect(dsn) as db:
        (items, users, indexed) = (
            db.execute(
                "SELECT (SELECT count(*) FROM interestream.item_vectors WHERE space_id = 2),"
                " (SELECT count(*) FROM interestream.user_windows WHERE space_id = 2),"
                " to_regclass('interestream.item_vectors_2_hnsw') IS NOT NULL"
            ).fetchone()
            or ()
        )
        # The last user has no row: who opted out has none.
        assert (items, users, indexed) == (36, 299, True)
        name, version, sha256 = (
            db.execute(
                "SELECT bundle_name, bundle_version, bundle_sha256 FROM interestream.spaces"
                " WHERE space_id = 2"
            ).fetchone()
            or ()
        )
    assert f"{name}@{version}" == said["reference"]
    assert published_versions(tmp_path, name) == [version]
    assert sequence_folder(tmp_path, name, version, sha256).exists()
    again = json.loads(train(tmp_path, publisher, "--if-changed").stdout)
    assert (again["published"], again["reference"]) == (False, said["reference"])
    assert "nothing has come since" in again["words"][0]


def test_no_better_is_not_published_forced_it_is_and_one_command_goes_back(
    publisher, dsn, tmp_path
):
    first = json.loads(train(tmp_path, publisher, "--until", "1970-03-12").stdout)
    assert first["published"]
    poor = ("--from-scratch", "--epochs", 1)
    worse = train(tmp_path, publisher, *poor)
    assert worse.exit_code == 0
    assert not json.loads(worse.stdout)["published"]
    assert "no better than the one in use" in json.loads(worse.stdout)["words"][0] or (
        "adds nothing" in json.loads(worse.stdout)["words"][0]
    )
    assert models(dsn) == [(2, "in use")]
    forced = json.loads(train(tmp_path, publisher, *poor, "--force", "--keep", 1).stdout)
    # Both have a space.
    assert len(published_versions(tmp_path, "sequence")) == 2
    assert models(dsn) == [(3, "in use"), (2, "before")]
    back = json.loads(train(tmp_path, publisher, "--back").stdout)
    assert f"sequence@{back['left']}" == forced["reference"]
    assert f"sequence@{back['in_use']}" == first["reference"]
    assert models(dsn) == [(3, "not serving"), (2, "in use")]
    assert json.loads(train(tmp_path, publisher, "--back").stdout)["in_use"] is None
    none_left = train(tmp_path, publisher, "--back")
    assert none_left.exit_code == exit_codes.FAILED
    assert "there is no way back" in none_left.stderr


def test_a_model_is_not_judged_by_what_it_was_trained_with(publisher, dsn, tmp_path):
    assert json.loads(train(tmp_path, publisher).stdout)["published"]
    again = json.loads(train(tmp_path, publisher).stdout)
    assert not again["published"]
    assert again["words"][0].startswith("0 likes since the model in use was trained can be asked")


def test_old_versions_go_when_no_space_names_them(publisher, dsn, tmp_path):
    for seed in (1, 2):
        assert train(tmp_path, publisher, "--epochs", 1, "--force", "--seed", seed).exit_code == 0
    with psycopg.connect(dsn) as db:
        db.execute("SELECT interestream.drop_space(2)")
    result = train(tmp_path, publisher, "--epochs", 1, "--force", "--seed", 3, "--keep", 1)
    assert [words[:8] for words in json.loads(result.stdout)["words"]][-1:] == ["removed "]
    assert len(published_versions(tmp_path, "sequence")) == 2


def test_too_little_to_learn_from_is_told(dsn, tmp_path):
    of = blocks(20)
    fill(dsn, of)
    result = train(tmp_path, dsn)
    assert result.exit_code == exit_codes.FAILED
    assert f"{len(of)} likes are too few" in result.stderr


def test_one_training_of_a_name_at_a_time(dsn, tmp_path):
    fill(dsn, blocks(20))
    with export_lock(open_registry(tmp_path), "sequence"):
        assert train(tmp_path, dsn).exit_code == exit_codes.LOCKED


def test_wrong_options(tmp_path):
    assert run("sequence", "--registry", tmp_path).exit_code == exit_codes.WRONG_OPTION
    result = run("sequence", "--registry", tmp_path, "--dsn", "x", "--recipe", "int3")
    assert result.exit_code == exit_codes.WRONG_OPTION


def test_the_vectors_of_the_database_are_those_of_the_model(publisher, dsn, tmp_path):
    from model_export.sequence.windows import newest_histories
    from udfs.sequence.model import SequenceModel

    of = blocks()
    said = json.loads(train(tmp_path, publisher, "--epochs", 2, "--force").stdout)
    name, version = said["reference"].split("@")
    with psycopg.connect(dsn) as db:
        (sha256,) = (
            db.execute(
                "SELECT bundle_sha256 FROM interestream.spaces WHERE space_id = 2"
            ).fetchone()
            or ()
        )
        rows = db.execute(
            "SELECT user_id, embedding::vector::real[] FROM interestream.user_windows"
            " WHERE space_id = 2 ORDER BY user_id"
        ).fetchall()
    model = SequenceModel.open(sequence_folder(tmp_path, name, version, sha256))
    items = model.items.of(of.texts, of.references)
    last = newest_histories(of, np.arange(299), 8)
    wanted = model.user_vectors(items[last.item], last.history)
    assert [user for user, _ in rows] == list(of.user_ids[:-1])
    np.testing.assert_allclose(np.array([row for _, row in rows]), wanted, atol=2e-3)
