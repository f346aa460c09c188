"""sequence_users(): which sequence model each user is served with."""

from tests.sql.builders import NOON, add_sequence


def set_sequence(db, user, vector, model, kind="sequence", at=NOON):
    """The vector of a user in a model."""
    db.execute(
        "INSERT INTO interestream.user_windows"
        " VALUES (%s, %s, %s, %s::real[]::halfvec, 5, %s, 1, 1)",
        [model, user, kind, [float(x) for x in vector], at],
    )


def model_of(db, user):
    """The model that a user is served with, None without one."""
    row = db.execute(
        "SELECT model FROM interestream.sequence_users(1, ARRAY[%s])", [user]
    ).fetchone()
    return None if row is None else row[0]


def test_each_user_has_the_newest_model_with_a_vector_of_the_user(shop):
    old, new = add_sequence(shop, sha256="s1"), add_sequence(shop, sha256="s2")
    set_sequence(shop, "ann", [1, 0, 0, 0], old)
    set_sequence(shop, "ann", [0, 1, 0, 0], new)
    set_sequence(shop, "bob", [0, 0, 1, 0], old)
    rows = shop.execute(
        "SELECT user_number, model, embedding::text, scale"
        " FROM interestream.sequence_users(1, ARRAY['nobody', 'bob', 'ann'])"
    ).fetchall()
    assert sorted(rows) == [(2, old, "[0,0,1,0]", 20), (3, new, "[0,1,0,0]", 20)]


def test_models_that_do_not_serve_and_of_other_spaces_are_not_used(shop):
    quiet = add_sequence(shop, sha256="s1", serving=False)
    set_sequence(shop, "ann", [1, 0, 0, 0], quiet)
    assert model_of(shop, "ann") is None
    # A vector of a week before is no vector of now.
    set_sequence(shop, "ann", [1, 0, 0, 0], add_sequence(shop, sha256="s2"), "sequence_before")
    assert model_of(shop, "ann") is None
