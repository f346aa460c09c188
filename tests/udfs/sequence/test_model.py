"""A sequence model at work, and bundles that cannot be used."""

from dataclasses import replace

import numpy as np
import pytest

from jobs.core.event_key import reference
from tests.model_export.sequence.planted import TEXT_DIM, blocks, bundle, manifest, texts
from udfs.bundle import MANIFEST_FILE
from udfs.errors import (
    BundleModelError,
    BundleNotFoundError,
    BundleTamperedError,
    ManifestError,
    UdfError,
)
from udfs.sequence.bundle import (
    ITEMS_FILE,
    USERS_FILE,
    manifest_from_json,
    manifest_to_json,
    verify_sequence,
)
from udfs.sequence.features import History
from udfs.sequence.model import SequenceModel, read_items


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("bundle")
    bundle(made)
    return made


def history(*lengths, width=8):
    present = np.arange(width)[None, :] >= width - np.array(lengths)[:, None]
    time_ms = np.broadcast_to(np.arange(width) * 3_600_000, present.shape)
    return History(time_ms, present.astype(np.float32), present)


def test_vectors_are_unit_and_do_not_depend_on_order_or_company(folder):
    model = SequenceModel.open(folder)
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 9, 600)
    items = rng.standard_normal((600, 8, model.manifest.dim)).astype(np.float32)
    known = history(*lengths)
    found = model.user_vectors(items, known)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    for user in (0, 1, 599):
        one = History(known.time_ms[[user]], known.weight[[user]], known.present[[user]])
        np.testing.assert_allclose(
            model.user_vectors(items[[user]], one)[0], found[user], atol=1e-5
        )


def test_what_lies_in_front_of_the_first_interaction_says_nothing(folder):
    model = SequenceModel.open(folder)
    items = np.random.default_rng(0).standard_normal((1, 8, model.manifest.dim)).astype(np.float32)
    known = history(3)
    found = model.user_vectors(items, known)
    items[:, :5] = 99
    np.testing.assert_allclose(model.user_vectors(items, known), found, atol=1e-6)


def test_an_item_that_is_not_known_has_its_text(folder):
    items = read_items(folder / ITEMS_FILE)
    row = texts(1, seed=9)
    unknown, other = (
        np.array([reference("new")], np.uint64),
        np.array([reference("i01")], np.uint64),
    )
    projected = row.astype(np.float32) @ items.projection + items.offset
    wanted = projected / np.linalg.norm(projected)
    np.testing.assert_allclose(items.of(row, unknown), wanted, atol=1e-5)
    assert np.abs(items.of(row, other) - wanted).max() > 1e-3
    assert items.of(row[:0], unknown[:0]).shape == (0, 16)


def test_a_manifest_comes_back_as_it_was():
    made = manifest(figures={"ndcg": 0.5}, files={USERS_FILE: "aa"})
    assert manifest_from_json(manifest_to_json(made)) == made
    assert replace(made, version="2", files={**made.files, "weights.npz": "b"}).bundle_sha256 == (
        made.bundle_sha256
    )
    assert replace(made, encoder_sha256="other").bundle_sha256 != made.bundle_sha256


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "not the manifest of a sequence model"),
        (b'{"name": "minilm"}', "not the manifest of a sequence model"),
        (b'{"kind": "sequence", "layout_version": 9}', "layout 9"),
        (b'{"kind": "sequence", "layout_version": 1, "dim": "x", "more": 1}', "dim is 'x'"),
    ],
)
def test_manifests_that_cannot_be_read(raw, words):
    with pytest.raises(ManifestError, match=words):
        manifest_from_json(raw)


def test_an_edited_manifest_and_a_changed_file_are_told(tmp_path):
    bundle(tmp_path)
    raw = (tmp_path / MANIFEST_FILE).read_bytes()
    (tmp_path / MANIFEST_FILE).write_bytes(raw.replace(b'"max_events": 8', b'"max_events": 9'))
    with pytest.raises(ManifestError, match="it was edited"):
        verify_sequence(tmp_path)
    (tmp_path / MANIFEST_FILE).write_bytes(raw)
    with (tmp_path / ITEMS_FILE).open("ab") as items:
        items.write(b"x")
    with pytest.raises(BundleTamperedError, match=ITEMS_FILE):
        SequenceModel.open(tmp_path)
    with pytest.raises(BundleNotFoundError):
        verify_sequence(tmp_path / "nowhere")


def test_arrays_that_do_not_fit(tmp_path):
    of = blocks()
    bundle(tmp_path, of)
    items = read_items(tmp_path / ITEMS_FILE)
    replace(items, offset=items.offset[:-1]).save(tmp_path / "short.npz")
    (tmp_path / "text.npz").write_text("no arrays")
    for name in ("short.npz", "text.npz", "nothing.npz"):
        with pytest.raises(BundleModelError):
            read_items(tmp_path / name)
    assert issubclass(BundleModelError, UdfError)
    assert items.projection.shape == (TEXT_DIM, 16)
