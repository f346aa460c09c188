"""What users do where two things together decide a third, and bundles that know their items."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model_export.sequence.bundle import write_bundle
from model_export.sequence.graph import export_users
from model_export.sequence.interactions import Interactions, ordered
from model_export.sequence.network import Network, Shape
from udfs.sequence.bundle import USERS_FILE, SequenceManifest

DAY_MS = 86_400_000
TEXT_DIM = 6


def texts(items: int, seed: int = 0) -> NDArray[np.float16]:
    """`(items, TEXT_DIM)` unit vectors that say nothing of the order."""
    rows = np.random.default_rng(seed).standard_normal((items, TEXT_DIM))
    units: NDArray[np.float16] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(
        np.float16
    )
    return units


KINDS, SIZE = 3, 4


def blocks(users: int = 300, events: int = 12, seed: int = 1) -> Interactions:
    """Users who do three things at a time: the first two of a kind decide the third together.

    Nobody does anything twice.

    Each of the first two alone says nothing of the third: what counts pairs of items finds the
    kind, and not which of its items it is.
    """
    rng = np.random.default_rng(seed)
    columns = []
    for user in range(users):
        time_ms, met = int(rng.integers(100)) * DAY_MS, set[int]()
        while len(met) < events:
            kind, first, second = (int(rng.integers(below)) for below in (KINDS, SIZE, SIZE))
            which = (first, second, (first + second) % SIZE)
            three = [(kind * 3 + part) * SIZE + each for part, each in enumerate(which)]
            if met.isdisjoint(three):
                met.update(three)
                columns += [(user, item, time_ms + n * 3_600_000) for n, item in enumerate(three)]
                time_ms += 3 * 3_600_000
    users_of, item, times = np.array(columns).T
    items = KINDS * 3 * SIZE
    return ordered(
        users_of.astype(np.intp),
        item.astype(np.intp),
        times.astype(np.int64),
        np.ones(len(item), dtype=np.float32),
        [f"i{number:02}" for number in range(items)],
        texts(items),
        [f"u{number:03}" for number in range(users)],
    )


def network(of: Interactions, seed: int = 0, **shape: int) -> Network:
    """A network without training."""
    torch.manual_seed(seed)
    sizes = {"dim": 16, "layers": 2, "heads": 2, "max_events": 8, **shape}
    return Network(Shape(of.texts.shape[1], len(of.item_ids), **sizes, dropout=0.0)).eval()


def manifest(**fields: object) -> SequenceManifest:
    """A manifest in which only the given fields matter."""
    draft = {
        "name": "sequence",
        "version": "draft",
        "encoder_sha256": "aa",
        "mean_sha256": "bb",
        "text_dim": TEXT_DIM,
        "dim": 16,
        "max_events": 8,
        "items": 0,
        "scale": 12.0,
        "recipe": "fp32",
        "seed": 0,
        "steps": 0,
        "trained_until": "2026-03-01T12:00:00+00:00",
        "figures": {},
        "files": {},
        "tools": {},
        "created_at": "2026-03-01T12:00:00+00:00",
    }
    return SequenceManifest(**{**draft, **fields})  # type: ignore[arg-type]


def bundle(
    folder: Path, of: Interactions | None = None, version: str | None = None, seed: int = 0
) -> SequenceManifest:
    """A bundle without training, which knows the items of `of`."""
    of = of or blocks()
    folder.mkdir(parents=True, exist_ok=True)
    made = network(of, seed)
    export_users(made, folder / USERS_FILE)
    return write_bundle(folder, made, of, manifest(text_dim=of.texts.shape[1]), version)
