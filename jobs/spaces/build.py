"""Builds an embedding space: a bundle together with the mean of a catalogue."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.datasets.dataset import Line
from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync import sync_texts
from sql.connection import connect
from udfs.bundle import verify
from udfs.encoder import Encoder
from udfs.space import catalogue_mean
from udfs.vector_store import StoredEncoder


def documents(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the documents of item records, without the invalid ones, which the job reports."""
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
    """Make the space of a bundle and a catalogue, unless it exists, and return its id.

    `sample` documents are encoded for the mean. Sentences of known sentiment and topics are
    encoded as well. The first space becomes active. `threads` 0 means all cores; the file `store`
    keeps vectors of texts for the next call. Without `index` a large catalogue loads several
    times as fast, and `interestream.index_space` builds the vector index afterwards.

    Raises udfs.errors.UdfError for a bundle that cannot be used.
    """
    manifest = verify(bundle)
    encoder = Encoder.open(bundle, provider="cpu", threads=threads)
    cached_encoder = StoredEncoder(encoder, store) if store else encoder
    mean = catalogue_mean(cached_encoder, catalogue, sample=sample)
    with connect(dsn) as db:
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
        # Committed before the encoding, so that its locks do not block a switch of spaces. If this
        # call is interrupted, the next job encodes the rest when it starts.
        db.commit()
        sync_texts(db, SpaceEncoder(db, space_id, bundle, threads=threads, store=store))
    return space_id
