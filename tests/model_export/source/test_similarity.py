import pytest

from model_export.source.sentence_config import SETTINGS_FILE, read_sentence_config
from model_export.source.similarity import similarity_note
from tests.model_export.builders import write_json
from tests.model_export.families import write_modules


@pytest.mark.parametrize(
    ("stated", "name"),
    [("dot", "any"), (None, "msmarco-distilbert-dot-v5"), (None, "multi-qa-mpnet-base-dot-v1")],
)
def test_a_model_for_the_dot_product_is_said_to_lose_the_lengths_of_its_vectors(
    tmp_path, stated, name
):
    write_modules(tmp_path, "Transformer", "Pooling")
    write_json(tmp_path / SETTINGS_FILE, {"similarity_fn_name": stated})
    note = similarity_note(read_sentence_config(tmp_path), name)
    assert note is not None
    assert note.startswith("trained for the dot product (")
    assert "vectors have length 1" in note


@pytest.mark.parametrize(
    ("stated", "name"), [("cosine", "any-dot-v1"), (None, "all-MiniLM-L6-v2"), (None, "anecdote")]
)
def test_a_model_for_the_cosine_needs_no_word(tmp_path, stated, name):
    write_json(tmp_path / SETTINGS_FILE, {"similarity_fn_name": stated})
    assert similarity_note(read_sentence_config(tmp_path), name) is None


def test_a_model_that_normalises_its_vectors_needs_no_word(tmp_path):
    """The dot product of vectors of length 1 is their cosine."""
    write_modules(tmp_path, "Transformer", "Pooling", "Normalize")
    write_json(tmp_path / SETTINGS_FILE, {"similarity_fn_name": "dot"})
    assert similarity_note(read_sentence_config(tmp_path), "msmarco-bert-base-dot-v5") is None
