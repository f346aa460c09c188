"""The file of vectors: the encoder is asked once per text, in any process."""

from pathlib import Path

import numpy as np
import pytest

from udfs.encoder import Encoder
from udfs.vector_store import StoredEncoder

TEXTS = ["the moon", "", "rye bread", "the moon", "日本語", "x" * 3_000]


@pytest.fixture
def encoder(bundle_dir: Path) -> Encoder:
    return Encoder.open(bundle_dir, provider="cpu", threads=1)


def test_vectors_are_those_of_the_encoder_and_come_back_from_the_file(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = encoder.encode(TEXTS, "document")
    first = StoredEncoder(encoder, tmp_path / "vectors.sqlite").encode(TEXTS, "document")
    np.testing.assert_allclose(first, expected, atol=1e-6)

    def refuse(texts: list[str], kind: str) -> None:
        raise AssertionError(f"encoded again: {texts}")

    monkeypatch.setattr(encoder, "encode", refuse)
    again = StoredEncoder(encoder, tmp_path / "vectors.sqlite").encode(TEXTS[::-1], "document")
    np.testing.assert_array_equal(again, first[::-1])


def test_queries_and_documents_are_kept_apart_and_only_missing_texts_are_encoded(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredEncoder(encoder, tmp_path / "deep" / "vectors.sqlite")
    asked: list[tuple[list[str], str]] = []
    encode = encoder.encode

    def note(texts: list[str], kind: str) -> object:
        asked.append((texts, kind))
        return encode(texts, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(encoder, "encode", note)
    stored.encode(["a", "b", "a"], "document")
    stored.encode(["b", "c"], "document")
    stored.encode(["a"], "query")
    assert asked == [(["a", "b"], "document"), (["c"], "document"), (["a"], "query")]


def test_no_texts_give_no_rows(encoder: Encoder, tmp_path: Path) -> None:
    assert StoredEncoder(encoder, tmp_path / "v").encode([], "query").shape == (0, encoder.dim)


def test_more_texts_than_one_query_takes_are_found(encoder: Encoder, tmp_path: Path) -> None:
    stored = StoredEncoder(encoder, tmp_path / "vectors.sqlite")
    texts = [f"t{number}" for number in range(700)]
    first = stored.encode(texts, "query")
    np.testing.assert_array_equal(stored.encode(texts, "query"), first)
