"""After a purchase complements come up, after a view alternatives, once that was learned."""

import numpy as np
import psycopg
import pytest

from jobs.core.learning.sampling import Question
from jobs.core.learning.softmax_step import softmax_step
from jobs.learning_settings import Learning
from jobs.sinks.learned_weights import add_step, ask
from tests.sql.builders import (
    add_actions,
    add_item,
    add_space,
    interact,
    set_interests,
    set_window,
    stored,
    unit,
)
from tests.sql.internal.test_neighbor_items import set_neighbors

TENTS, PACKS, OTHERS = 12, 12, 16
AXES = np.eye(8, dtype=np.float32)


def kinds():
    return [*(f"tent{n}" for n in range(TENTS)), *(f"pack{n}" for n in range(PACKS))]


@pytest.fixture
def db(dsn):
    """Tents and packs, unlike in their texts. Tents have both as neighbors."""
    rng = np.random.default_rng(3)
    vectors = {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        add_actions(connection)
        add_space(connection)
        connection.execute("INSERT INTO interestream.buying_actions VALUES ('like')")
        for number in range(OTHERS):
            vector = stored(unit(rng.standard_normal(8).astype(np.float32)))
            add_item(connection, f"other{number}", vector)
        for item in kinds():
            axis = AXES[0] if item.startswith("tent") else AXES[1]
            noise = 0.4 * rng.standard_normal(8).astype(np.float32)
            vectors[item] = stored(unit(axis + noise))
            add_item(connection, item, vectors[item])
        for number in range(TENTS):
            near = {f"tent{n}": 2.0 for n in rng.permutation(TENTS)[:4] if n != number}
            near |= {f"pack{n}": 2.5 for n in rng.permutation(PACKS)[:4]}
            set_neighbors(connection, f"tent{number}", near, 8.0)
        for number in range(PACKS):
            set_neighbors(connection, f"pack{number}", {}, 8.0)
        yield connection, vectors


def add_user(db, vectors, user, tent, *, bought):
    actions = ("view", "like") if bought else ("view",)
    # The same signal for both, so that their purchase alone tells them apart.
    interact(db, user, tent, *actions, signal=1.0)
    set_window(db, user, "recent", vectors[tent])
    set_interests(db, user, [tent])


def recommended(db, user):
    rows = db.execute(
        "SELECT item_id FROM interestream.recommend(%s, 5, p_diversity => 0)", [user]
    ).fetchall()
    return [item for (item,) in rows]


def delta(db, source):
    return db.execute(
        "SELECT sum(delta) FROM interestream.learned_weights WHERE source = %s", [source]
    ).fetchone()[0]


def test_what_follows_a_purchase_is_learned_apart_from_what_follows_a_view(db):
    db, vectors = db
    for name, bought in (("buyer", True), ("viewer", False)):
        add_user(db, vectors, name, "tent0", bought=bought)
    # Nothing is learned yet, so a purchase changes nothing.
    assert recommended(db, "buyer") == recommended(db, "viewer")
    rng = np.random.default_rng(7)
    for number in range(80):
        bought = number % 2 == 0
        tent = f"tent{1 + number % (TENTS - 1)}"
        user = f"u{number}"
        add_user(db, vectors, user, tent, bought=bought)
        (neighbors,) = db.execute(
            "SELECT neighbor_ids FROM interestream.item_neighbors WHERE item_id = %s", [tent]
        ).fetchone()
        wanted = [item for item in neighbors if item.startswith("pack" if bought else "tent")]
        asked = ask(db, 1, Question(user, str(rng.choice(wanted))))
        assert asked is not None
        assert asked.answer is not None
        gradient = softmax_step(asked.features, asked.weights, asked.answer).gradient
        with db.transaction():
            add_step(db, 1, asked, gradient, Learning(rate=0.5))
    assert delta(db, "text_bought") < -0.5
    assert delta(db, "text_bought") < delta(db, "text_last")
    assert delta(db, "neighbors_bought") > 0
    buyer, viewer = recommended(db, "buyer"), recommended(db, "viewer")
    assert sum(item.startswith("pack") for item in buyer) >= 3
    assert sum(item.startswith("tent") for item in viewer) >= 3
    assert viewer[0].startswith("tent")
    assert buyer[0].startswith("pack")
