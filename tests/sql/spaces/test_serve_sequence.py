"""serve_sequence(): which sequence models recommend() uses."""

import psycopg
import pytest

from tests.sql.builders import add_sequence
from tests.sql.internal.test_sequence_users import model_of, set_sequence


def test_forward_and_back(shop):
    old, new = add_sequence(shop, sha256="s1"), add_sequence(shop, sha256="s2")
    for model in (old, new):
        set_sequence(shop, "ann", [1, 0, 0, 0], model)
    assert model_of(shop, "ann") == new
    shop.execute("SELECT interestream.serve_sequence(%s, false)", [new])
    assert model_of(shop, "ann") == old
    shop.execute("SELECT interestream.serve_sequence(%s)", [new])
    assert model_of(shop, "ann") == new


@pytest.mark.parametrize("model", [1, 9, None])
def test_what_is_no_model_is_refused(shop, model):
    with pytest.raises(psycopg.errors.UndefinedObject):
        shop.execute("SELECT interestream.serve_sequence(%s)", [model])
