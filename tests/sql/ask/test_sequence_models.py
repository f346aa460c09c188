"""sequence_models(): the models of a space, and whether training again pays."""

import pytest

from tests.sql.builders import add_sequence

MODELS = "SELECT model, state, words FROM interestream.sequence_models()"


def judged(db, model, questions, at_first, lately):
    db.execute(
        "INSERT INTO interestream.sequence_quality VALUES (%s, %s, %s, %s)",
        [model, questions, at_first, lately],
    )


def test_states_newest_first(shop):
    assert shop.execute(MODELS).fetchall() == []
    old, new, quiet = (
        add_sequence(shop, sha256="s1"),
        add_sequence(shop, sha256="s2"),
        add_sequence(shop, sha256="s3", serving=False),
    )
    assert [row[:2] for row in shop.execute(MODELS)] == [
        (quiet, "not serving"),
        (new, "in use"),
        (old, "before"),
    ]


@pytest.mark.parametrize(
    ("questions", "lately", "fallen", "words"),
    [
        (
            999,
            0.01,
            False,
            "In use; too few questions to tell whether it finds less than at first.",
        ),
        (1000, 0.09, False, "It finds what it found at first (0.090 of 0.100)."),
        (
            1000,
            0.07,
            True,
            "It finds less than at first (0.070 of 0.100): what people do has changed, and training"
            " again pays.",
        ),
    ],
)
def test_a_fall_is_told_from_enough_questions_on(shop, questions, lately, fallen, words):
    judged(shop, add_sequence(shop), questions, 0.1, lately)
    query = "SELECT words, fallen FROM interestream.sequence_models()"
    assert shop.execute(query).fetchone() == (words, fallen)
