"""Saves a catalogue and its people in a file, beside the database that holds them."""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.recommend.catalogue import Catalogue, Person


def save(file: Path, items: Catalogue, people: list[Person]) -> None:
    """Write a catalogue and its people to an `.npz` file; vectors as float16."""
    columns = asdict(items) | {"vectors": items.vectors.astype(np.float16)}
    np.savez(
        file,
        **columns,
        medoids=np.stack([person.medoids for person in people]),
        seen=np.concatenate([person.seen for person in people]),
        seen_counts=[len(person.seen) for person in people],
        disliked=np.concatenate([person.disliked for person in people]),
        disliked_counts=[len(person.disliked) for person in people],
    )


def load(file: Path) -> tuple[Catalogue, list[Person]]:
    """Read a catalogue and its people back."""
    with np.load(file) as data:
        columns = {name: data[name] for name in Catalogue.__dataclass_fields__}
        columns["vectors"] = columns["vectors"].astype(np.float32)
        parts = [
            np.split(data[name], np.cumsum(data[f"{name}_counts"])[:-1])
            for name in ("seen", "disliked")
        ]
        people = [Person(*own) for own in zip(data["medoids"], *parts, strict=True)]
    return Catalogue(**columns), people
