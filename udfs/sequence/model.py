"""A sequence model at work: text vectors become vectors of items, histories those of users."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from udfs.errors import BundleModelError
from udfs.sequence.bundle import ITEMS_FILE, USERS_FILE, SequenceManifest, verify_sequence
from udfs.sequence.features import Features, History, features_of
from udfs.session import exact_integer_products

Floats = NDArray[np.float32]

INPUT_NAMES = ("items", "gap", "hour", "weekday", "strength", "present")
"""Inputs of the graph; `items` `(users, events, dim)` float32, the others as in `Features`."""
OUTPUT_NAME = "user"
"""The graph's only output: unit vectors `(users, dim)` float32."""

BATCH = 256
"""Users of one call of the graph."""
_CHUNK = 16_384
"""Text vectors that are projected at a time."""


@dataclass(frozen=True, slots=True)
class ItemVectors:
    """Arrays that turn text vectors into the model's vectors of items.

    - `projection` `(text_dim, dim)` and `offset` `(dim,)`, float32: of the text vector.
    - `references` `(items,)` uint64, ascending: of the items that the model was trained with.
    - `own` `(items, dim)` float16: what is added to the projected text of each of these.
    """

    projection: Floats
    offset: Floats
    references: NDArray[np.uint64]
    own: NDArray[np.float16]

    def of(self, texts: NDArray[np.floating[Any]], references: NDArray[np.uint64]) -> Floats:
        """Return the unit vectors `(n, dim)` of items.

        `texts` `(n, text_dim)` are the vectors of their texts, `references` `(n,)` are those of
        `jobs.core.event_key.reference`. An item that the model does not know has its text alone;
        one whose vector would be zero keeps a zero vector.
        """
        found = np.empty((len(texts), self.projection.shape[1]), dtype=np.float32)
        for begin in range(0, len(texts), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            found[part] = texts[part].astype(np.float32) @ self.projection + self.offset
            if len(self.references):
                at = np.searchsorted(self.references, references[part])
                at = np.minimum(at, len(self.references) - 1)
                known = self.references[at] == references[part]
                found[part][known] += self.own[at[known]].astype(np.float32)
        norm = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(norm > 0, norm, 1)
        return found

    def save(self, path: Path) -> None:
        """Write the arrays to a file that `read_items` reads."""
        np.savez(
            path,
            projection=self.projection,
            offset=self.offset,
            references=self.references,
            own=self.own,
        )


def read_items(path: Path) -> ItemVectors:
    """Read the arrays of a bundle.

    Raises BundleModelError for arrays of other names, types or shapes.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = ItemVectors(
                *(arrays[name] for name in ("projection", "offset", "references", "own"))
            )
    except (OSError, ValueError, KeyError) as error:
        raise BundleModelError(f"{path} cannot be read: {error}; train the model again") from error
    dim = found.offset.shape
    if (
        found.projection.shape[1:] != dim
        or found.own.shape != (*found.references.shape, *dim)
        or found.references.dtype != np.uint64
    ):
        raise BundleModelError(f"{path} has arrays that do not fit each other; train it again")
    return found


class SequenceModel:
    """A verified model; one may be used by several threads at a time."""

    def __init__(self, manifest: SequenceManifest, items: ItemVectors, session: Any) -> None:
        self.manifest = manifest
        self.items = items
        self._session = session

    @classmethod
    def open(cls, folder: Path, threads: int = 1) -> "SequenceModel":
        """Verify and load the bundle in `folder`; the graph runs on `threads` threads (0: all).

        Raises the errors of `verify_sequence`, and BundleModelError for a graph that cannot be
        loaded, or is none of a sequence model.
        """
        manifest = verify_sequence(folder)
        items = read_items(folder / ITEMS_FILE)
        if items.projection.shape != (manifest.text_dim, manifest.dim):
            raise BundleModelError(
                f"{folder / ITEMS_FILE} projects {items.projection.shape}, the manifest says"
                f" {(manifest.text_dim, manifest.dim)}; train the model again"
            )
        return cls(manifest, items, open_user_graph(folder / USERS_FILE, threads))

    def user_vectors(self, items: Floats, history: History) -> Floats:
        """Return the unit vectors `(users, dim)` of users by their last interactions.

        `items` `(users, events, dim)` are the model's vectors of the items, in the order of
        `history`; `events` is at most `manifest.max_events`. Each user has an interaction.
        """
        return user_vectors(self._session, items, history)


def user_vectors(session: Any, items: Floats, history: History) -> Floats:
    """Return the unit vectors `(users, dim)` that a graph gives: see `SequenceModel`."""
    features = features_of(history)
    found = np.empty((len(items), items.shape[2]), dtype=np.float32)
    # Users with histories of similar length share a call, which is as wide as the longest.
    order = np.argsort(history.present.sum(axis=1), kind="stable")
    for begin in range(0, len(order), BATCH):
        users = order[begin : begin + BATCH]
        width = max(int(history.present[users].sum(axis=1).max()), 1)
        found[users] = run_user_graph(session, items, features, users, width)
    return found


def open_user_graph(path: Path, threads: int = 1) -> Any:
    """Open the graph of a bundle as an `onnxruntime.InferenceSession`.

    Raises BundleModelError when it cannot be loaded, or has other inputs and outputs.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    exact_integer_products(options)
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise BundleModelError(
            f"ONNX Runtime cannot load {path}: {error}; train the model again"
        ) from error
    inputs = [each.name for each in session.get_inputs()]
    outputs = [each.name for each in session.get_outputs()]
    if sorted(inputs) != sorted(INPUT_NAMES) or outputs != [OUTPUT_NAME]:
        raise BundleModelError(
            f"{path} has inputs {sorted(inputs)} and outputs {outputs}, a sequence model has"
            f" {sorted(INPUT_NAMES)} and ['{OUTPUT_NAME}']"
        )
    return session


def run_user_graph(
    session: Any, items: Floats, features: Features, users: NDArray[np.intp], width: int
) -> Floats:
    """Return the vectors `(n, dim)` of the users at the indices `users` `(n,)`.

    Only the last `width` columns are read.
    """
    feed = {"items": items[users, -width:]}
    for name in INPUT_NAMES[1:]:
        feed[name] = getattr(features, name)[users, -width:]
    vectors: Floats = session.run([OUTPUT_NAME], feed)[0]
    return vectors
