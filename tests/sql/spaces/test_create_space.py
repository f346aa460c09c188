"""create_space: the row, the partition, the index, and being asked twice."""

import psycopg
import pytest

CREATE = "SELECT interestream.create_space('mini', '1', %s, %s, %s::real[])"


def create(db: psycopg.Connection, sha256: str = "aa", dim: int = 8, mean: float = 0.0) -> int:
    row = db.execute(CREATE, [sha256, dim, [mean] * dim]).fetchone()
    assert row is not None
    return int(row[0])


def active(db: psycopg.Connection) -> list[int]:
    rows = db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchall()
    return [space for (space,) in rows]


def test_the_first_space_becomes_active_and_the_second_does_not(db):
    first = create(db, "aa")
    second = create(db, "bb")
    assert first != second
    assert active(db) == [first]


def test_the_same_bundle_and_mean_give_the_same_space(db):
    first = create(db, "aa", mean=0.5)
    assert create(db, "aa", mean=0.5) == first
    assert create(db, "aa", mean=0.25) != first
    assert create(db, "bb", mean=0.5) != first


def test_vectors_go_into_a_partition_of_their_own_with_an_hnsw_index(db):
    space = create(db)
    db.execute(
        "INSERT INTO interestream.item_vectors VALUES (%s, 'a', '[1,0,0,0,0,0,0,0]', 1, 1)", [space]
    )
    assert db.execute(f"SELECT count(*) FROM interestream.item_vectors_{space}").fetchone() == (1,)
    (index,) = db.execute(
        "SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"item_vectors_{space}_hnsw"]
    ).fetchone()
    assert "USING hnsw" in index
    assert "halfvec(8)" in index
    assert "halfvec_ip_ops" in index


def test_who_reads_vectors_never_waits_for_a_space_that_is_being_made(dsn):
    reads = "SELECT count(*) FROM interestream.item_vectors"
    with psycopg.connect(dsn) as reader, psycopg.connect(dsn) as making:
        making.execute("SET lock_timeout = '5s'")
        reader.execute("SET lock_timeout = '5s'")
        assert reader.execute(reads).fetchone() == (0,)
        space = create(making, "aa")  # ... does not wait for a reader's open transaction,
        assert reader.execute(reads).fetchone() == (0,)
        reader.commit()
        assert reader.execute(reads).fetchone() == (0,)  # ... nor a new reader for this one.
        add = "INSERT INTO interestream.item_vectors VALUES (%s, 'a', %s, 1, 1)"
        making.execute(add, [space, [0.125] * 8])
        making.commit()
        assert reader.execute(reads).fetchone() == (1,)


def test_a_vector_of_another_dimension_is_refused(db):
    space = create(db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("INSERT INTO interestream.item_vectors VALUES (%s, 'a', '[1,0]', 1, 1)", [space])


@pytest.mark.parametrize(
    ("dim", "mean"), [(0, []), (4001, [0.0] * 4001), (8, [0.0] * 7), (2, [0.0, None])]
)
def test_a_space_that_cannot_be_is_refused(db, dim, mean):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        db.execute(CREATE, ["aa", dim, mean])


def test_nulls_are_refused(db):
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        db.execute(CREATE, ["aa", 2, None])


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_only_an_admin_may_create_a_space(db, role):
    db.execute("SET LOCAL ROLE interestream_admin")
    create(db)
    db.execute(f"SET LOCAL ROLE interestream_{role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        create(db)
