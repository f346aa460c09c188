"""Each family from its folder to a bundle, against the sentence-transformers library."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_export.build import build_bundle
from model_export.parity_texts import PARITY_TEXTS
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.families import EXAMPLES, write_example
from udfs.bundle import MODEL_FILE, TOKENIZER_FILE
from udfs.encoder import Encoder, Kind
from udfs.session import open_session

pytestmark = pytest.mark.xdist_group("families")  # each example is exported once

TEXTS = [text for text in PARITY_TEXTS if text]
"""Without the empty one, which sentence-transformers cannot give a decoder without tokens."""

Built = Callable[[str], tuple[Path, Encoder]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Folder and opened bundle of a family's example; each is exported once."""

    @cache
    def build(name: str) -> tuple[Path, Encoder]:
        work = tmp_path_factory.mktemp(name)
        folder = write_example(EXAMPLES[name], work / "model")
        bundle = build_bundle(folder_source(folder), work / "out", name, "1")
        return folder, Encoder.open(bundle, provider="cpu", threads=1)

    return build


@cache
def library_model(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def library_vectors(name: str, folder: Path, kind: Kind) -> NDArray[np.float32]:
    prompts = EXAMPLES[name].prompts
    prompt = prompts.get(kind, prompts.get("passage", "") if kind == "document" else "")
    vectors: NDArray[np.float32] = library_model(folder).encode(
        TEXTS, prompt=prompt, batch_size=16, show_progress_bar=False
    )
    return vectors


@pytest.mark.parametrize("kind", ["query", "document"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_bundle_gives_the_vectors_of_sentence_transformers(built, name, kind):
    folder, encoder = built(name)
    expected = library_vectors(name, folder, kind)
    found = encoder.encode(TEXTS, kind)
    assert np.sum(found * expected, axis=1).min() > 0.999999
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("name", EXAMPLES)
def test_texts_of_a_family_differ_and_do_not_depend_on_their_batch(built, name):
    _, encoder = built(name)
    together = encoder.encode(TEXTS, "document")
    alone = np.concatenate([encoder.encode([text], "document") for text in TEXTS])
    backwards = encoder.encode(TEXTS[::-1], "document")[::-1]
    assert np.abs(together - alone).max() < 1e-6
    assert np.abs(together - backwards).max() < 1e-6
    assert np.median(together @ together.T) < 0.99


@pytest.mark.parametrize("name", ["qwen3", "qwen2", "mistral", "llama"])
def test_padding_a_decoder_on_either_side_gives_the_same_vectors(built, name):
    folder, encoder = built(name)
    pad = encoder.manifest.pad_token_id
    tokenizer = load(folder_source(folder)).tokenizer.backend_tokenizer
    rows = [tokenizer.encode(text).ids[:20] for text in TEXTS[2:12]]
    bundle = folder.parent / "out" / name / "1"
    session = open_session(bundle / MODEL_FILE, "cpu", 1)

    def run(left: bool, width: int) -> NDArray[np.float32]:
        ids = np.full((len(rows), width), pad, dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            where = slice(width - len(row), width) if left else slice(0, len(row))
            ids[number, where] = row
            mask[number, where] = 1
        vectors: NDArray[np.float32] = session.run(
            None, {"input_ids": ids, "attention_mask": mask}
        )[0]
        return vectors

    right = run(left=False, width=24)
    assert np.abs(run(left=True, width=24) - right).max() < 1e-6
    assert np.abs(run(left=True, width=33) - right).max() < 1e-6
    assert np.median(right @ right.T) < 0.99


@pytest.mark.parametrize("name", ["e5", "mpnet", "roberta"])
def test_positions_that_a_family_never_uses_are_not_promised(tmp_path, name):
    """RoBERTa counts from two: 66 positions hold 64 tokens, and a 65th fails."""
    folder = write_example(EXAMPLES[name], tmp_path / "model")
    (folder / "sentence_bert_config.json").unlink()
    model = load(folder_source(folder))
    assert model.max_tokens == 64
    model.transformer(torch.full((1, 64), 5))
    with pytest.raises(IndexError):
        model.transformer(torch.full((1, 65), 5))


def test_the_end_of_a_long_text_is_cut_and_its_last_token_stays(built):
    """A decoder's vector stands at the end token, which a cut must not lose."""
    folder, encoder = built("qwen3")
    long = "tree " * 100
    (expected,) = library_model(folder).encode([long], show_progress_bar=False)
    assert encoder.encode([long], "document")[0] @ expected > 0.999999
    tokenizer = Tokenizer.from_file(str(folder.parent / "out" / "qwen3" / "1" / TOKENIZER_FILE))
    tokenizer.enable_truncation(encoder.manifest.max_tokens)
    ids = tokenizer.encode(long).ids
    assert (len(ids), ids[-1]) == (48, tokenizer.token_to_id("<|endoftext|>"))


def test_the_manifest_says_how_a_family_is_used(built):
    _, qwen = built("qwen3")
    _, e5 = built("e5")
    assert (qwen.manifest.pooling, e5.manifest.pooling) == ("last", "mean")
    assert e5.manifest.prompts.document == "passage: "
    assert qwen.manifest.prompts.query.startswith("Instruct: ")
    assert qwen.manifest.max_tokens == 48
