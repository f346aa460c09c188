"""nearest_items(): recall against brute force at 10,000 x 384, and filters that never starve."""

from dataclasses import dataclass

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from tests.sql.builders import (
    Floats,
    add_actions,
    add_item,
    add_items,
    add_space,
    clustered,
    copy_items,
    interact,
    seeded,
    text,
    unit,
)

ROWS, DIM = 10_000, 384
NEAREST = """
SELECT item_id FROM interestream.nearest_items(
    1, ARRAY[%s::halfvec], %s, ARRAY[%s], interestream.item_filter(%s)
)
"""


@dataclass(frozen=True)
class Catalogue:
    """A database with 10,000 clustered items; `share` names a category by how many are in it."""

    db: psycopg.Connection
    vectors: Floats
    labels: NDArray[np.int64]
    in_category: dict[str, NDArray[np.bool_]]

    def nearest(
        self, query: Floats, limit: int, user: str | None = None, category: str | None = None
    ) -> list[str]:
        categories = None if category is None else [category]
        rows = self.db.execute(NEAREST, [text(query), limit, user, categories]).fetchall()
        return [item for (item,) in rows]

    def exact(self, query: Floats, limit: int, allowed: NDArray[np.bool_]) -> list[str]:
        similarity = np.where(allowed, self.vectors @ query, -np.inf)
        return [f"i{number}" for number in np.argsort(-similarity)[:limit]]


@pytest.fixture(scope="module")
def catalogue(postgres, template_database):
    vectors, labels = clustered(ROWS, DIM, clusters=100)
    rng = np.random.default_rng(1)
    in_category = {
        f"share {share}": rng.random(ROWS) < share for share in (0.5, 0.2, 0.05, 0.01, 0.001)
    }
    in_category["one cluster"] = labels == 7
    categories = [
        [name for name, mask in in_category.items() if mask[number]] for number in range(ROWS)
    ]
    with psycopg.connect(postgres.dsn, autocommit=True) as server:
        server.execute(f"CREATE DATABASE nearest TEMPLATE {template_database}")
    with psycopg.connect(postgres.dsn_of("nearest")) as db:
        assert add_space(db, DIM, index=False) == 1
        add_actions(db)
        copy_items(db, vectors, categories)
        db.execute("SELECT interestream.index_space(1)")
        db.commit()
        yield Catalogue(db, vectors, labels, in_category)
    with psycopg.connect(postgres.dsn, autocommit=True) as server:
        server.execute("DROP DATABASE nearest WITH (FORCE)")


@pytest.fixture(autouse=True)
def rolled_back(request):
    yield
    if "catalogue" in request.fixturenames:
        request.getfixturevalue("catalogue").db.rollback()


def queries(catalogue: Catalogue, n: int = 40) -> Floats:
    """What users' windows look like: sums of a few items."""
    rng = np.random.default_rng(2)
    picks = rng.integers(0, ROWS, (n, 3))
    weights = np.array([1.0, 0.5, 0.25], np.float32)[None, :, None]
    return unit((catalogue.vectors[picks] * weights).sum(axis=1))


def recall(found: list[str], wanted: list[str]) -> float:
    return len(set(found) & set(wanted)) / len(wanted)


def test_recall_at_50_is_at_least_97_percent(catalogue):
    everything = np.ones(ROWS, bool)
    recalls = [
        recall(catalogue.nearest(query, 50), catalogue.exact(query, 50, everything))
        for query in queries(catalogue)
    ]
    assert np.mean(recalls) >= 0.97


def test_the_hnsw_index_is_walked_and_nothing_is_read_row_by_row(catalogue):
    counts = """
        SELECT pg_stat_get_xact_numscans('interestream.item_vectors_1_hnsw'::regclass),
            pg_stat_get_xact_numscans('interestream.item_vectors_1'::regclass)
    """
    hnsw, sequential = catalogue.db.execute(counts).fetchone()
    catalogue.nearest(catalogue.vectors[0], 50)
    catalogue.nearest(catalogue.vectors[0], 50, "ann", "share 0.5")
    assert catalogue.db.execute(counts).fetchone() == (hnsw + 2, sequential)


@pytest.mark.parametrize("fresh_statistics", [False, True])
def test_the_plan_of_the_search_is_an_index_scan(catalogue, fresh_statistics):
    if fresh_statistics:
        catalogue.db.execute("ANALYZE interestream.items, interestream.item_vectors")
    settings = catalogue.db.execute(
        "SELECT unnest(proconfig) FROM pg_proc WHERE proname = 'nearest_items'"
    ).fetchall()
    for (setting,) in settings:
        name, value = setting.split("=", 1)
        if name != "search_path":
            catalogue.db.execute("SELECT set_config(%s, %s, true)", [name, value])
    statement = """
        EXPLAIN SELECT v.item_id FROM interestream.item_vectors AS v
        WHERE v.space_id = 1 ORDER BY v.embedding::halfvec(384) <#> %s::halfvec(384) LIMIT 50
    """
    plan = "\n".join(
        line
        for (line,) in catalogue.db.execute(
            statement, [text(catalogue.vectors[0])], prepare=False
        ).fetchall()
    )
    assert "Index Scan using item_vectors_1_hnsw" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    "category", ["share 0.5", "share 0.2", "share 0.05", "share 0.01", "share 0.001", "one cluster"]
)
def test_a_category_filter_gives_the_nearest_of_the_category(catalogue, category):
    allowed = catalogue.in_category[category]
    wanted = min(50, int(allowed.sum()))
    recalls = []
    for query in queries(catalogue, 15):
        found = catalogue.nearest(query, 50, category=category)
        assert len(found) == len(set(found)) == wanted
        assert all(allowed[int(item[1:])] for item in found)
        recalls.append(recall(found, catalogue.exact(query, wanted, allowed)))
    assert np.mean(recalls) >= 0.97


def test_a_walk_that_ends_too_early_is_finished_exactly(catalogue):
    # The nearest half of the catalogue is withdrawn: no walk gets past it.
    query = catalogue.vectors[0]
    order = np.argsort(-(catalogue.vectors @ query))
    gone = [f"i{number}" for number in order[: ROWS // 2]]
    catalogue.db.execute(
        "UPDATE interestream.items SET available = false WHERE item_id = ANY(%s)", [gone]
    )
    allowed = np.ones(ROWS, bool)
    allowed[order[: ROWS // 2]] = False
    found = catalogue.nearest(query, 50)
    assert len(found) == 50
    assert recall(found, catalogue.exact(query, 50, allowed)) >= 0.9


def test_seen_items_are_walked_past(catalogue):
    recalls = []
    for number, query in enumerate(queries(catalogue, 15)):
        order = np.argsort(-(catalogue.vectors @ query))[:100]
        allowed = np.ones(ROWS, bool)
        allowed[order] = False
        for item in order:
            interact(catalogue.db, f"user{number}", f"i{item}", "view")
        found = catalogue.nearest(query, 50, f"user{number}")
        assert not set(found) & {f"i{item}" for item in order}
        recalls.append(recall(found, catalogue.exact(query, 50, allowed)))
    assert np.mean(recalls) >= 0.95


def test_recommend_finds_what_brute_force_finds(catalogue):
    recalls = []
    for number, query in enumerate(queries(catalogue, 20)):
        user = f"user{number}"
        catalogue.db.execute(
            "INSERT INTO interestream.user_windows VALUES (1, %s, 'recent', %s, 3, now(), 1, 1)",
            [user, text(query)],
        )
        rows = catalogue.db.execute(
            "SELECT item_id FROM interestream.recommend(%s, 50, p_diversity => 0)", [user]
        ).fetchall()
        wanted = catalogue.exact(query, 50, np.ones(ROWS, bool))
        recalls.append(recall([item for (item,) in rows], wanted))
    assert np.mean(recalls) >= 0.97


def test_several_vectors_are_searched_at_once(shop):
    axes = np.eye(8, dtype=np.float32)
    for name, axis in (("x", 0), ("y", 1), ("z", 2)):
        add_item(shop, name, axes[axis])
    interact(shop, "ann", "x", "view")
    statement = """
        SELECT query, item_id, similarity FROM interestream.nearest_items(
            1, ARRAY[%s, NULL, %s, %s]::halfvec[], 1, ARRAY[NULL, 'ann', 'ann', 'bob'], p_walk => %s
        )
    """
    vectors = [text(axes[0]), text(axes[1]), text(axes[0])]
    for walk in (0, 1000):
        rows = shop.execute(statement, [*vectors, walk]).fetchall()
        assert rows == [(1, "x", 1.0), (3, "y", 1.0), (4, "x", 1.0)]


def test_each_query_is_completed_for_itself(catalogue):
    # The second user has seen all that a walk from there would pass.
    query = catalogue.vectors[0]
    order = np.argsort(-(catalogue.vectors @ query))
    catalogue.db.execute(
        "INSERT INTO interestream.user_items SELECT 'ann', item, 2, now(), now()"
        " FROM unnest(%s::text[]) AS seen (item)",
        [[f"i{number}" for number in order[:8000]]],
    )
    rows = catalogue.db.execute(
        "SELECT query, item_id FROM interestream.nearest_items(1, ARRAY[%s, %s]::halfvec[], 20,"
        " ARRAY['bob', 'ann'], p_walk => 500)",
        [text(query), text(query)],
    ).fetchall()
    everything = np.ones(ROWS, bool)
    bobs = [item for number, item in rows if number == 1]
    assert recall(bobs, catalogue.exact(query, 20, everything)) >= 0.9
    everything[order[:8000]] = False
    assert [item for number, item in rows if number == 2] == catalogue.exact(query, 20, everything)


@pytest.mark.parametrize("walk", [0, 1000])
def test_excluded_items_stay_out(shop, walk):
    vectors = seeded(30)
    add_items(shop, vectors)
    best = [f"i{number}" for number in np.argsort(-(vectors @ vectors[0]))]
    rows = shop.execute(
        "SELECT item_id FROM interestream.nearest_items(1, ARRAY[%s::halfvec], 10,"
        " p_exclude => %s, p_walk => %s)",
        [text(vectors[0]), best[:12], walk],
    ).fetchall()
    assert [item for (item,) in rows] == best[12:22]


@pytest.mark.parametrize("walk", [0, 1000])
def test_both_ways_order_by_similarity(shop, walk):
    vectors = seeded(30)
    add_items(shop, vectors)
    rows = shop.execute(
        "SELECT item_id FROM interestream.nearest_items(1, ARRAY[%s::halfvec], 10, p_walk => %s)",
        [text(vectors[0]), walk],
    ).fetchall()
    assert [item for (item,) in rows] == [
        f"i{number}" for number in np.argsort(-(vectors @ vectors[0]))[:10]
    ]
