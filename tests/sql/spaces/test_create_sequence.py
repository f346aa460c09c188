"""create_sequence(): the space of a sequence model beside that of an encoder."""

import psycopg
import pytest

from tests.sql.builders import NOON, add_item, add_sequence, add_space, add_vector, seeded

CREATE = "SELECT interestream.create_sequence(%s, 'sequence', '1', %s, %s, %s, %s)"


def test_a_model_has_vectors_of_its_own_and_serves_later(shop):
    (model,) = shop.execute(CREATE, [1, "ss", 4, 20, NOON]).fetchone()
    add_item(shop, "i0", seeded(1)[0])
    add_vector(shop, "i0", seeded(1, dim=4)[0], space=model)
    row = shop.execute(
        "SELECT of_space, serving, active, dim, scale FROM interestream.spaces WHERE space_id = %s",
        [model],
    ).fetchone()
    assert row == (1, False, False, 4, 20)
    with pytest.raises(psycopg.errors.CheckViolation):
        add_vector(shop, "i1", seeded(1)[0], space=model)


def test_the_same_bundle_is_the_same_model(shop):
    first = shop.execute(CREATE, [1, "ss", 4, 20, NOON]).fetchone()
    assert shop.execute(CREATE, [1, "ss", 4, 20, NOON]).fetchone() == first
    assert shop.execute(CREATE, [1, "tt", 4, 20, NOON]).fetchone() != first
    other = add_space(shop, sha256="bb")
    assert shop.execute(CREATE, [other, "ss", 4, 20, NOON]).fetchone() != first


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([9, "ss", 4, 20, NOON], psycopg.errors.UndefinedObject),
        ([1, "ss", 0, 20, NOON], psycopg.errors.InvalidParameterValue),
        ([1, "ss", 4, 0, NOON], psycopg.errors.InvalidParameterValue),
        ([1, None, 4, 20, NOON], psycopg.errors.NullValueNotAllowed),
    ],
)
def test_what_cannot_be_a_model_is_refused(shop, arguments, error):
    with pytest.raises(error):
        shop.execute(CREATE, arguments)


def test_a_model_has_no_model_and_is_never_the_active_space(shop):
    model = add_sequence(shop)
    for statement in (
        "SELECT interestream.create_sequence(%s, 'sequence', '1', 'tt', 4, 20, now())",
        "SELECT interestream.activate_space(%s)",
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue), shop.transaction():
            shop.execute(statement, [model])
    with pytest.raises(psycopg.errors.UndefinedObject, match="is a sequence model"):
        shop.execute("SELECT interestream.recommend('ann', p_space => %s)", [model])


def test_a_space_goes_with_its_models_and_their_rows(shop):
    second = add_space(shop, sha256="bb")
    model = add_sequence(shop, of=second)
    add_item(shop, "i0", seeded(1)[0])
    add_vector(shop, "i0", seeded(1, dim=4)[0], space=model)
    shop.execute(
        "INSERT INTO interestream.user_windows"
        " VALUES (%s, 'ann', 'sequence', '[1,0,0,0]', 1, now(), 1, 1)",
        [model],
    )
    shop.execute("SELECT interestream.drop_space(%s)", [second])
    for table in ("spaces", "item_vectors", "user_windows"):
        left = shop.execute(
            f"SELECT count(*) FROM interestream.{table} WHERE space_id = ANY(%s)",
            [[second, model]],
        ).fetchone()
        assert left == (0,)
