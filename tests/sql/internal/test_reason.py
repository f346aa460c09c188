"""reason(): one sentence for a person."""

import pytest


def reason(db, source, title=None):
    return db.execute("SELECT interestream.reason(%s, %s)", [source, title]).fetchone()[0]


@pytest.mark.parametrize(
    "source",
    [
        "recent",
        "session",
        "day",
        "month",
        "interest",
        "trending",
        "new",
        "search",
        "similar",
        "liked",
        "taste",
        "own",
    ],
)
def test_every_source_has_a_sentence_with_and_without_a_title(db, source):
    alone = reason(db, source)
    assert alone.endswith(".")
    assert alone[0].isupper()
    assert reason(db, source, 'The "Moon"') == alone[:-1] + ', like "The "Moon"".'


def test_sources_have_sentences_of_their_own(db):
    sources = ["recent", "session", "day", "month", "interest", "trending", "new", "other"]
    assert len({reason(db, source) for source in sources}) == len(sources)
