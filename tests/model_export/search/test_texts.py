import pytest

from model_export.parity_texts import PARITY_TEXTS
from model_export.search.texts import catalogue_texts, choose_texts

CATALOGUE = [f"item number {n}" for n in range(100)]


@pytest.mark.parametrize("catalogue", [(), CATALOGUE], ids=["generated", "with a catalogue"])
def test_no_text_both_tunes_and_judges(catalogue):
    texts = choose_texts(tuning=60, judging=80, seed=1, catalogue=[*catalogue, *catalogue])
    judging = [text for some in texts.judging.values() for text in some]
    assert not {*texts.tuning} & {*judging}
    assert len({*judging}) == len(judging)
    assert len({*texts.tuning}) == len(texts.tuning)
    assert 60 + len(PARITY_TEXTS[::2]) < len(texts.tuning) <= 72 + len(PARITY_TEXTS[::2])
    assert len(texts.judging["generated"]) == 80
    assert len(texts.judging.get("catalogue", ())) == (70 if catalogue else 0)


def test_odd_texts_are_tuned_with():
    tuning = choose_texts(tuning=100, judging=10, seed=1).tuning
    assert any(len({*text.split()}) == 1 < len(text.split()) for text in tuning)
    assert any(len({*text}) == 1 < len(text) for text in tuning)


def test_the_seed_decides():
    one, same, other = (choose_texts(tuning=20, judging=20, seed=seed) for seed in (3, 3, 4))
    assert one == same
    assert one.tuning != other.tuning


def test_a_catalogues_documents_are_read_through_its_adapter(tmp_path):
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\n1,Paper Moon (1973),Comedy|Drama\n2,The Third Lamp (1949),War\n"
    )
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,964982703\n")
    texts = catalogue_texts(tmp_path)
    assert len(texts) == 2
    assert texts[0].startswith("Paper Moon")
