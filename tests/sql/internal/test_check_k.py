"""check_k(): how many rows may be asked for."""

import psycopg
import pytest


@pytest.mark.parametrize("k", [1, 10, 1000])
def test_one_to_a_thousand_rows_may_be_asked_for(db, k):
    db.execute("SELECT interestream.check_k(%s)", [k])


@pytest.mark.parametrize("k", [0, -1, 1001, None])
def test_anything_else_is_a_clear_error(db, k):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        db.execute("SELECT interestream.check_k(%s)", [k])
    assert caught.value.diag.message_hint == "p_k is 1 to 1000."


@pytest.mark.parametrize("question", ["recommend_topics", "user_interests"])
def test_the_parameter_that_is_out_of_range_is_named(shop, question):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        shop.execute(f"SELECT * FROM interestream.{question}('ada', p_titles => -1)")
    assert caught.value.diag.message_hint == "p_titles is 1 to 1000."
