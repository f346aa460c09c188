"""A small catalogue of films and soaps, encoded by the packaged bundle."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg

from tests.sql.builders import add_actions, add_item
from udfs.bundle import read_manifest
from udfs.encoder import Encoder
from udfs.space import directions


@dataclass(frozen=True)
class Thing:
    """An item; films have a year, soaps a price in euros."""

    title: str
    categories: tuple[str, ...] = ()
    year: int = 2000
    price: float = 0.0


ITEMS = {
    "space-moon": Thing("Astronauts on the Moon", ("Drama",), 1985),
    "space-mars": Thing("Journey to Mars, a space adventure", ("Adventure",), 2001),
    "space-horror": Thing("Terror in a haunted spaceship in outer space", ("Horror",), 1988),
    "space-robots": Thing("Robots of the space station", ("Adventure",), 2015),
    "space-star": Thing("The space pilot and the distant star", ("Drama",), 1999),
    "dog-park": Thing("The funny dog in the park", ("Comedy",), 2003),
    "dog-thief": Thing("Puppies against burglars", ("Comedy",), 2010),
    "love-paris": Thing("A wedding in Paris", ("Romance",), 1982),
    "love-letter": Thing("Love letters from Rome", ("Romance",), 2012),
    "laugh-office": Thing("Jokes at the office", ("Comedy",), 1989),
    "laugh-family": Thing("My crazy family holiday", ("Comedy",), 2005),
    "ghost-house": Thing("The ghosts of the old house", ("Horror",), 1987),
    "soap-rose": Thing("Rose soap with perfume", ("Care",), price=4.5),
    "soap-free": Thing("Perfume-free soap for sensitive skin", ("Care",), price=6.0),
    "soap-olive": Thing("Olive oil soap bar", ("Care",), price=3.0),
    "soap-liquid": Thing("Liquid hand soap", ("Care",), price=2.0),
    "soap-black": Thing("Black charcoal soap", ("Care",), price=9.0),
}


def fill(db: psycopg.Connection, bundle_dir: Path) -> None:
    """Add the space of the bundle and all items with their vectors; nothing is committed."""
    manifest = read_manifest(bundle_dir)
    texts = [". ".join((each.title, *each.categories)) for each in ITEMS.values()]
    encoded = Encoder.open(bundle_dir, provider="cpu").encode(texts, "document")
    mean = encoded.mean(axis=0)
    add_actions(db)
    db.execute(
        "SELECT interestream.create_space(%s, %s, %s, %s, %s::real[])",
        [manifest.name, manifest.version, manifest.bundle_sha256, manifest.dim, mean.tolist()],
    )
    vectors = directions(encoded, mean)[0].astype(np.float32)
    for (item, thing), vector in zip(ITEMS.items(), vectors, strict=True):
        price = {"price": thing.price, "currency": "EUR"} if thing.price else {}
        add_item(
            db,
            item,
            vector,
            title=thing.title,
            categories=thing.categories,
            attributes=price,
            published_at=datetime(thing.year, 6, 1, tzinfo=UTC),
        )
