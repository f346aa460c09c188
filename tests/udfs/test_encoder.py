import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.typing import NDArray

from model_export.parity_texts import PARITY_TEXTS
from tests.udfs.builders import copy_of, with_prompts
from udfs.bundle import TOKENIZER_FILE, Prompts, manifest_to_json, read_manifest
from udfs.encoder import Encoder
from udfs.errors import (
    BundleModelError,
    BundleTamperedError,
    ManifestError,
    SettingsError,
    TextTypeError,
)

TEXTS = list(dict.fromkeys(PARITY_TEXTS))


@pytest.fixture(scope="module")
def encoder(bundle_dir: Path) -> Encoder:
    return Encoder.open(bundle_dir, provider="cpu", threads=2)


@pytest.fixture(scope="module")
def alone(encoder):
    return np.concatenate([encoder.encode([text], "document") for text in TEXTS])


def pytorch_vectors(texts: list[str]) -> NDArray[np.float64]:
    """Mean of the token vectors by PyTorch and numpy, from the package's own files."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from model_export.source.folder import packaged_source

    folder = packaged_source().folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    rows = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        with torch.inference_mode():
            hidden = model(**tokens).last_hidden_state[0].numpy().astype(np.float64)
        mean = hidden.mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


def test_vectors_are_those_of_pytorch(alone):
    expected = pytorch_vectors(TEXTS)
    assert np.sum(alone * expected, axis=1).min() > 0.999999
    assert np.abs(alone - expected).max() < 1e-6


def test_vectors_are_unit_rows_of_the_bundles_dimension(encoder, alone):
    assert alone.shape == (len(TEXTS), 384)
    assert encoder.dim == 384
    assert alone.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-6)


def test_a_text_has_the_same_vector_alone_and_in_a_batch(encoder, alone):
    np.testing.assert_array_equal(encoder.encode(TEXTS, "document"), alone)


@pytest.mark.parametrize("seed", range(3))
def test_a_text_has_the_same_vector_in_any_order(encoder, alone, seed):
    order = random.Random(seed).sample(range(len(TEXTS)), len(TEXTS))
    shuffled = encoder.encode([TEXTS[position] for position in order], "document")
    np.testing.assert_array_equal(shuffled, alone[order])


@pytest.mark.parametrize("width", [1, 3, 64])
def test_a_text_has_the_same_vector_whatever_the_batch_size(bundle_dir, alone, width):
    other = Encoder.open(
        bundle_dir, provider="cpu", threads=1, batch_size=width, max_batch_tokens=20_000
    )
    np.testing.assert_array_equal(other.encode(TEXTS, "document"), alone)


def test_a_text_has_the_same_vector_beside_the_longest_possible(encoder, alone):
    longest = "word " * 1000
    for position, text in enumerate(TEXTS[:20]):
        both = encoder.encode([text, longest], "document")
        np.testing.assert_array_equal(both[:1], alone[position : position + 1])


def test_nothing_gives_no_rows(encoder):
    assert encoder.encode([], "query").shape == (0, 384)


def test_equal_texts_are_run_once(encoder, monkeypatch):
    run = Mock(side_effect=encoder._run)
    monkeypatch.setattr(encoder, "_run", run)
    vectors = encoder.encode(["sea", "sea", "hills", "sea"], "document")
    assert sum(len(call.args[0]) for call in run.call_args_list) == 2
    assert (vectors[0] == vectors[[1, 3]]).all()
    assert vectors[0] @ vectors[2] < 0.9


def test_text_beyond_the_longest_input_plays_no_part(encoder):
    start = "tree " * 254  # and two special tokens
    a, b = encoder.encode([start + "river", start + "volcano"], "document")
    assert (a == b).all()


def test_a_megabyte_of_text_is_encoded(encoder):
    (vector,) = encoder.encode(["tree " * 200_000], "document")
    assert vector @ encoder.encode(["tree " * 254], "document")[0] > 0.999999


@pytest.mark.parametrize(
    "text", ["", "\x00", "a\x00b", "\ud800", "\udfff x", "\u200b", "\ufffe", "🧑‍🚀" * 50, "\n"]
)
def test_odd_texts_have_a_unit_vector(encoder, text):
    vector = encoder.encode([text], "query")[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("text", [None, 7, b"bytes"])
def test_what_is_not_a_text_is_refused(encoder, text):
    with pytest.raises(TextTypeError, match="not a string"):
        encoder.encode(["fine", text], "document")


def test_an_unknown_kind_is_refused(encoder):
    with pytest.raises(SettingsError, match="'document' or 'query'"):
        encoder.encode(["a"], "item")


def test_prompts_go_in_front_by_kind(bundle_dir, tmp_path, encoder):
    prompts = Prompts(query="query: ", document="passage: ")
    prompted = Encoder.open(with_prompts(bundle_dir, tmp_path / "b", prompts), threads=1)
    expected = encoder.encode(["query: tea", "passage: tea"], "document")
    np.testing.assert_array_equal(prompted.encode(["tea"], "query"), expected[:1])
    np.testing.assert_array_equal(prompted.encode(["tea"], "document"), expected[1:])


@pytest.mark.parametrize("setting", [{"batch_size": 0}, {"max_batch_tokens": 0}, {"threads": -1}])
def test_a_setting_out_of_range_is_refused_by_name(bundle_dir, setting):
    with pytest.raises(SettingsError, match=next(iter(setting))):
        Encoder.open(bundle_dir, **setting)


def test_a_tampered_bundle_is_not_opened(bundle_dir, tmp_path):
    bundle = copy_of(bundle_dir, tmp_path / "b")
    (bundle / TOKENIZER_FILE).write_bytes((bundle / TOKENIZER_FILE).read_bytes() + b" ")
    with pytest.raises(BundleTamperedError, match=TOKENIZER_FILE):
        Encoder.open(bundle)


def test_a_truncated_manifest_is_not_opened(bundle_dir, tmp_path):
    bundle = copy_of(bundle_dir, tmp_path / "b")
    (bundle / "manifest.json").write_bytes((bundle / "manifest.json").read_bytes()[:100])
    with pytest.raises(ManifestError):
        Encoder.open(bundle)


def test_a_tokenizer_that_cannot_be_read_is_refused(bundle_dir, tmp_path):
    bundle = copy_of(bundle_dir, tmp_path / "b")
    (bundle / TOKENIZER_FILE).write_bytes(b"{}")
    manifest = read_manifest(bundle)
    sha = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of `{}`
    files = {**manifest.files, TOKENIZER_FILE: sha}
    (bundle / "manifest.json").write_bytes(manifest_to_json(replace(manifest, files=files)))
    with pytest.raises(BundleModelError, match="not a tokenizer"):
        Encoder.open(bundle)


def test_the_runtime_needs_neither_flink_nor_the_tools_of_the_export():
    code = (
        "import sys, udfs.bundle, udfs.encoder, udfs.space, udfs.text_vectors, udfs.settings\n"
        "print([m for m in ('torch', 'transformers', 'optimum', 'onnx', 'pyflink', 'pandas')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
