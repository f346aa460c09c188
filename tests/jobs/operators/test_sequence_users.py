"""Vectors of users for a sequence model, written by the job from its state."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest

from jobs.operators.item_vectors import removal
from jobs.operators.sequence_users import CHECK_MS
from jobs.operators.vector_writer import VectorWriter
from model_export.sequence.interactions import ordered
from tests.builders import (
    DAY_MS,
    DIM,
    HOUR_MS,
    ITEMS,
    NOON_MS,
    SLANT,
    command_line,
    event_line,
    half,
)
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import InterestWorld, vectors_row
from tests.model_export.sequence.planted import bundle
from udfs.bundle import MANIFEST_FILE
from udfs.registry.reference import Reference
from udfs.registry.registry import open_registry
from udfs.sequence.features import History
from udfs.sequence.model import SequenceModel
from udfs.sequence.published import sequence_path

KNOWN = sorted(ITEMS)[:2]


def publish(registry, dsn, version="1", *, serving=True, seed=0, broken=False):
    """A model without training that knows some of the items; returns its space and itself."""
    texts = np.array([ITEMS[item] for item in KNOWN], dtype=np.float16)
    nobody = np.array([0, 1])
    of = ordered(nobody, nobody, nobody.astype(np.int64), np.ones(2, np.float32), KNOWN, texts)
    folder = registry / f"staged-{version}"
    made = bundle(folder, of, version, seed)
    path = sequence_path(Reference("sequence", version))
    open_registry(registry).store.add_folder(folder, path, last=MANIFEST_FILE)
    if broken:
        (registry / path / "users.onnx").write_bytes(b"x")
    with psycopg.connect(dsn, autocommit=True) as db:
        row = db.execute(
            "SELECT interestream.create_sequence(1, 'sequence', %s, %s, %s, 20, now())",
            [version, made.bundle_sha256, made.dim],
        ).fetchone()
        assert row is not None
        space = int(row[0])
        db.execute("SELECT interestream.serve_sequence(%s, %s)", [space, serving])
    return space, SequenceModel.open(folder)


@pytest.fixture
def settings(tmp_path):
    return {
        "sequence": {"enabled": True, "check_s": 0.05, "time_share": 1.0},
        "encoder": {"registry": str(tmp_path)},
    }


@pytest.fixture
def world(job_dsn: str, settings: dict[str, Any]) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn, **settings) as made:
        yield made


def watch(world):
    return world.flink.operator._context.sequence._watch


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "nothing came of it in 20 s"
        time.sleep(0.02)


def knows(world, space):
    wait_for(lambda: (found := watch(world).serving) is not None and found.space_id == space)


def vectors(world, user="ada"):
    """Vectors of a user by space and kind."""
    rows = world.rows(
        "SELECT space_id, kind, embedding::vector::real[] FROM interestream.user_windows"
        " WHERE user_id = %s AND kind LIKE 'sequence%%'",
        user,
    )
    return {(space, kind): np.array(row) for space, kind, row in rows}


def computed(model, *interactions):
    """The vector of (item, time, weight), oldest first."""
    references = np.array([_reference(item) for item, _, _ in interactions], dtype=np.uint64)
    texts = np.array([half(ITEMS[item]) for item, _, _ in interactions])
    items = model.items.of(texts, references)[None]
    known = History(
        np.array([[at for _, at, _ in interactions]]),
        np.array([[weight for *_, weight in interactions]], dtype=np.float32),
        np.ones((1, len(interactions)), dtype=bool),
    )
    return model.user_vectors(items, known)[0]


def _reference(item):
    from jobs.core.event_key import reference

    return reference(item)


def test_a_row_has_the_vector_of_the_users_interactions_in_order(world, job_dsn, tmp_path):
    space, model = publish(tmp_path, job_dsn)
    knows(world, space)
    world.events(
        event_line(1, item_id="north", event_time=NOON_MS - HOUR_MS),
        event_line(2, item_id="east", event_time=NOON_MS),
    )
    wanted = computed(model, ("north", NOON_MS - HOUR_MS, 3.0), ("east", NOON_MS, 3.0))
    np.testing.assert_allclose(vectors(world)[space, "sequence"], wanted, atol=2e-3)
    # An event that comes late takes its place in the order.
    world.events(event_line(3, item_id="up", event_time=NOON_MS - 2 * HOUR_MS))
    wanted = computed(
        model,
        ("up", NOON_MS - 2 * HOUR_MS, 3.0),
        ("north", NOON_MS - HOUR_MS, 3.0),
        ("east", NOON_MS, 3.0),
    )
    np.testing.assert_allclose(vectors(world)[space, "sequence"], wanted, atol=2e-3)


def test_another_model_takes_over_and_the_way_back(world, job_dsn, tmp_path):
    first, _ = publish(tmp_path, job_dsn)
    knows(world, first)
    world.events(event_line(1, item_id="north"))
    second, model = publish(tmp_path, job_dsn, "2", seed=1)
    knows(world, second)
    world.events(event_line(2, item_id="east", event_time=NOON_MS + 1))
    found = vectors(world)
    assert set(found) == {(first, "sequence"), (second, "sequence")}
    wanted = computed(model, ("north", NOON_MS, 3.0), ("east", NOON_MS + 1, 3.0))
    np.testing.assert_allclose(found[second, "sequence"], wanted, atol=2e-3)
    world.rows("SELECT interestream.serve_sequence(%s, false)", second)
    knows(world, first)
    world.events(event_line(3, item_id="up", event_time=NOON_MS + 2))
    after = vectors(world)
    assert np.abs(after[first, "sequence"] - found[first, "sequence"]).max() > 1e-3
    np.testing.assert_array_equal(after[second, "sequence"], found[second, "sequence"])


def test_nobody_waits_for_a_model_that_serves_no_longer(job_dsn, settings, tmp_path):
    settings["sequence"]["time_share"] = 1e-9
    with InterestWorld(job_dsn, **settings) as world:
        space, _ = publish(tmp_path, job_dsn)
        knows(world, space)
        sequence = world.flink.operator._context.sequence
        sequence._budget.spent(1)
        world.events(event_line(1))
        assert sequence.waits(0)
        world.rows("SELECT interestream.serve_sequence(%s, false)", space)
        wait_for(lambda: watch(world).serving is None)
        world.flink.advance(10 * CHECK_MS)
        assert not sequence.waits(0)
        assert world.flink.timers == 0


def test_a_model_that_does_not_serve_yet_gets_no_users(world, job_dsn, tmp_path):
    publish(tmp_path, job_dsn, serving=False)
    wait_for(lambda: watch(world).models)
    world.events(event_line(1))
    assert vectors(world) == {}


def test_a_model_that_cannot_be_loaded_stops_nothing(world, job_dsn, tmp_path, caplog):
    # Another one than in other tests, since a process opens a model once.
    space, _ = publish(tmp_path, job_dsn, broken=True, seed=9)
    wait_for(lambda: "sequence@1 cannot be used" in caplog.text)
    world.events(event_line(1))
    assert vectors(world) == {}
    assert caplog.text.count("cannot be used") == 1
    assert space == 2


@pytest.mark.parametrize("command", ["opt_out", "forget"])
def test_who_leaves_has_no_vector(world, job_dsn, tmp_path, command):
    space, _ = publish(tmp_path, job_dsn)
    knows(world, space)
    world.events(event_line(1), event_line(2, user_id="bob"))
    assert vectors(world)
    world.control(command_line("ada", command))
    world.flink.advance(10 * CHECK_MS)
    assert vectors(world) == {}
    assert vectors(world, "bob")


def test_beyond_the_share_of_time_users_wait_and_come_later(job_dsn, settings, tmp_path):
    settings["sequence"]["time_share"] = 1e-9
    with InterestWorld(job_dsn, **settings) as world:
        space, model = publish(tmp_path, job_dsn)
        knows(world, space)
        budget = world.flink.operator._context.sequence._budget
        budget.spent(1)
        world.events(event_line(1, item_id="north"))
        world.events(event_line(2, item_id="east", event_time=NOON_MS + 1))
        assert vectors(world) == {}
        budget.spent(-2)
        world.flink.advance(CHECK_MS)
        wanted = computed(model, ("north", NOON_MS, 3.0), ("east", NOON_MS + 1, 3.0))
        np.testing.assert_allclose(vectors(world)[space, "sequence"], wanted, atol=2e-3)


def test_who_leaves_while_waiting_gets_no_vector_later(job_dsn, settings, tmp_path):
    settings["sequence"]["time_share"] = 1e-9
    with InterestWorld(job_dsn, **settings) as world:
        space, _ = publish(tmp_path, job_dsn)
        knows(world, space)
        budget = world.flink.operator._context.sequence._budget
        budget.spent(1)
        world.events(event_line(1), event_line(2, user_id="bob"))
        world.control(command_line("ada", "forget"))
        budget.spent(-2)
        world.flink.advance(CHECK_MS)
        assert vectors(world) == {}
        assert vectors(world, "bob")


def test_the_vector_of_the_week_before_is_kept(world, job_dsn, tmp_path):
    space, model = publish(tmp_path, job_dsn)
    knows(world, space)
    week_ms = 7 * DAY_MS
    world.events(event_line(1, item_id="north", event_time=NOON_MS - 2 * week_ms))
    assert set(vectors(world)) == {(space, "sequence")}
    # The first two of a week may come in one batch.
    world.events(
        event_line(2, item_id="east", event_time=NOON_MS - week_ms),
        event_line(3, item_id="up", event_time=NOON_MS - week_ms + 1),
    )
    before = computed(model, ("north", NOON_MS - 2 * week_ms, 3.0))
    np.testing.assert_allclose(vectors(world)[space, "sequence_before"], before, atol=2e-3)
    world.events(event_line(4, item_id="up", event_time=NOON_MS))
    before = computed(
        model,
        ("north", NOON_MS - 2 * week_ms, 3.0),
        ("east", NOON_MS - week_ms, 3.0),
        ("up", NOON_MS - week_ms + 1, 3.0),
    )
    np.testing.assert_allclose(vectors(world)[space, "sequence_before"], before, atol=2e-3)


def test_who_takes_everything_back_has_no_vector(world, job_dsn, tmp_path):
    space, _ = publish(tmp_path, job_dsn)
    knows(world, space)
    world.events(event_line(1, item_id="north", action="like"))
    assert set(vectors(world)) == {(space, "sequence")}
    world.events(event_line(2, item_id="north", action="unlike", event_time=NOON_MS + 1))
    assert vectors(world) == {}


def test_a_deleted_item_says_nothing_of_its_users(world, job_dsn, tmp_path):
    space, model = publish(tmp_path, job_dsn)
    knows(world, space)
    world.events(event_line(1, item_id="north"), event_line(2, event_time=NOON_MS + 1))
    world.flink.broadcast(removal(["east"]))
    world.events(event_line(3, item_id="up", event_time=NOON_MS + 2))
    wanted = computed(model, ("north", NOON_MS, 3.0), ("up", NOON_MS + 2, 3.0))
    np.testing.assert_allclose(vectors(world)[space, "sequence"], wanted, atol=2e-3)


def test_the_vector_writer_keeps_the_models_items_up(job_dsn, settings, tmp_path):
    from tests.builders import operator_settings
    from tests.jobs.operators.builders import create_space

    configured = operator_settings(job_dsn, space_id=create_space(job_dsn), **settings)
    flink = FakeFlink(lambda: VectorWriter(configured), NOON_MS)

    def stored(space):
        with psycopg.connect(job_dsn, autocommit=True) as db:
            rows = db.execute(
                "SELECT item_id, embedding::vector::real[], version FROM interestream.item_vectors"
                " WHERE space_id = %s",
                [space],
            ).fetchall()
        return {item: (np.array(vector), version) for item, vector, version in rows}

    try:
        # Before there is a model: filled when it comes, also while it does not serve yet.
        flink.send(vectors_row({"north": ITEMS["north"]}))
        space, model = publish(tmp_path, job_dsn, serving=False)
        wait_for(lambda: set(stored(space)) == {"north"})
        wait_for(lambda: flink.operator._sequences.models)
        flink.send(vectors_row({"north": SLANT, "new": ITEMS["up"]}, version=2))
        found = stored(space)
        assert {item: version for item, (_, version) in found.items()} == {"north": 2, "new": 2}
        references = np.array([_reference("north"), _reference("new")], dtype=np.uint64)
        wanted = model.items.of(np.array([half(SLANT), half(ITEMS["up"])]), references)
        np.testing.assert_allclose(found["north"][0], wanted[0], atol=2e-3)
        np.testing.assert_allclose(found["new"][0], wanted[1], atol=2e-3)
        assert len(wanted[0]) == 16 != DIM
    finally:
        flink.close()


def test_a_model_that_is_deleted_while_the_job_runs_stops_nothing(world, job_dsn, tmp_path):
    space, _ = publish(tmp_path, job_dsn)
    knows(world, space)
    # The job has not noticed yet: it looks once a second from now on.
    watch(world)._config = world.settings.config.model_copy(
        update={"sequence": world.settings.config.sequence.model_copy(update={"check_s": 60.0})}
    )
    time.sleep(0.2)
    world.rows("SELECT interestream.drop_space(%s)", space)
    world.events(event_line(1))
    assert world.event_count() == 1
    assert vectors(world) == {}
