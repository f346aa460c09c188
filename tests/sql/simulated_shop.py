"""A simulated population in the database, without a job: items, vectors, windows, seen items."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from jobs.simulator.simulation import Simulation
from jobs.spaces.build import documents
from tests.sql import builders
from tests.sql.builders import Floats, unit
from udfs.encoder import Encoder

POSITIVE = {"view", "click", "like", "cart", "purchase", "share"}


def fill(db: psycopg.Connection, simulation: Simulation, bundle: Path) -> list[str]:
    """Write the catalogue and each user's window `month`, the mean of what was liked.

    Returns the users that have a window.
    """
    items = list(simulation.items())
    vectors = unit(Encoder.open(bundle, provider="cpu").encode(list(documents(items)), "document"))
    vectors = unit(vectors - vectors.mean(axis=0))
    builders.add_actions(db)
    space = builders.add_space(db, vectors.shape[1], index=False)
    register_vector(db)
    with db.cursor().copy(
        "COPY interestream.items (item_id, title, categories, epoch, version) FROM STDIN"
    ) as copy:
        for item in items:
            copy.write_row((item["item_id"], item["title"], item.get("categories", []), 1, 1))
    with db.cursor().copy("COPY interestream.item_vectors FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "text", "halfvec", "int8", "int8"])
        for item, vector in zip(items, vectors, strict=True):
            copy.write_row((space, item["item_id"], HalfVector(vector), 1, 1))
    known = {str(item["item_id"]): vector for item, vector in zip(items, vectors, strict=True)}
    liked: dict[str, dict[str, Floats]] = defaultdict(dict)
    for line in simulation.lines:
        if isinstance(line, dict) and line["action"] in POSITIVE and line["item_id"] in known:
            liked[str(line["user_id"])][str(line["item_id"])] = known[str(line["item_id"])]
    for user, own in liked.items():
        mean = np.mean(list(own.values()), axis=0, dtype=np.float32)
        builders.set_window(db, user, "month", mean, space=space)
        for item_id in own:
            builders.interact(db, user, item_id, "view")
    return sorted(liked)
