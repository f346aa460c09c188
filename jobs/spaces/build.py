"""Embedding spaces: a bundle and the mean of a catalogue, frozen together."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import psycopg

from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.datasets.dataset import Line
from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync import sync_texts
from udfs.bundle import verify
from udfs.encoder import Encoder
from udfs.space import catalogue_mean
from udfs.vector_store import StoredEncoder


def documents(lines: Iterable[Line]) -> Iterator[str]:
    """The documents of a catalogue's records; broken records are left to the job."""
    rules = Rules(frozenset())
    for line in lines:
        raw = line if isinstance(line, bytes) else orjson.dumps(line)
        yield from (item.document for item in parse_items([raw], rules).items)


def build_space(
    dsn: str,
    bundle: Path,
    catalogue: Iterable[str],
    *,
    sample: int = 1000,
    threads: int = 0,
    store: Path | None = None,
    index: bool = True,
) -> int:
    """Make the space of a bundle over a catalogue's documents, or find it; its id.

    Sentences of known sentiment and topics are encoded with it.

    The first space becomes the active one. `sample` documents are encoded for the mean; their
    vectors are kept in the file `store`, if there is one. A large catalogue loads several times
    as fast without `index`, which `interestream.index_space` then builds in one go.
    Raises udfs.errors.UdfError for a bundle that cannot be used.
    """
    manifest = verify(bundle)
    encoder = Encoder.open(bundle, provider="cpu", threads=threads)
    remembering = StoredEncoder(encoder, store) if store else encoder
    mean = catalogue_mean(remembering, catalogue, sample=sample)
    with psycopg.connect(dsn) as db:
        row = db.execute(
            "SELECT interestream.create_space(%s, %s, %s, %s, %s::real[], %s)",
            (
                manifest.name,
                manifest.version,
                manifest.bundle_sha256,
                manifest.dim,
                [float(value) for value in mean],
                index,
            ),
        ).fetchone()
        assert row is not None
        space_id = int(row[0])
        # Nobody who switches spaces waits until the sentences are encoded; a job that starts
        # encodes what an interrupted call has left.
        db.commit()
        sync_texts(db, SpaceEncoder(db, space_id, bundle, threads=threads, store=store))
    return space_id
