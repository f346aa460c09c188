"""How many users a second, by the runtime's own code and by the graph alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from model_export.sequence.interactions import Floats
from model_export.sequence.windows import Windows
from udfs.sequence.features import features_of
from udfs.sequence.model import (
    BATCH,
    INPUT_NAMES,
    OUTPUT_NAME,
    open_user_graph,
    user_vectors,
)

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Speed:
    """Users a second, medians of rounds that were taken in turns."""

    vectors_per_s: float
    bare_per_s: float


def measure_speed(graph: Path, items: Floats, histories: Windows) -> Speed:
    """Compute the users of `histories` on one thread, in turns with batches that lie ready."""
    session = open_user_graph(graph, 1)
    known, vectors = histories.history, items[histories.item]
    features = features_of(known)
    order = np.argsort(known.present.sum(axis=1), kind="stable")
    feeds = []
    for begin in range(0, len(order), BATCH):
        users = order[begin : begin + BATCH]
        width = max(int(known.present[users].sum(axis=1).max()), 1)
        feed = {"items": np.ascontiguousarray(vectors[users, -width:])}
        for name in INPUT_NAMES[1:]:
            feed[name] = np.ascontiguousarray(getattr(features, name)[users, -width:])
        feeds.append(feed)

    def bare() -> None:
        for feed in feeds:
            session.run([OUTPUT_NAME], feed)

    def whole() -> None:
        user_vectors(session, vectors, known)

    rounds = [(_per_s(whole, len(order)), _per_s(bare, len(order))) for _ in range(ROUNDS)]
    return Speed(median(one for one, _ in rounds), median(other for _, other in rounds))


def _per_s(work: Callable[[], None], users: int) -> float:
    started_s = time.perf_counter()
    work()
    return users / (time.perf_counter() - started_s)
