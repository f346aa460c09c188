import pytest

from model_export.publishing.publish import publish
from udfs.bundle import MODEL_FILE, verify
from udfs.errors import BundleTamperedError
from udfs.registry.registry import open_registry
from udfs.settings import EncodeSettings
from udfs.shared_encoder import shared_encoder

MEAN = bytes(4 * 384)


def test_equal_settings_share_one_encoder(bundle_dir):
    settings = EncodeSettings(str(bundle_dir), MEAN, threads=1, provider="cpu")
    other_mean = EncodeSettings(str(bundle_dir), MEAN[::-1], threads=1, provider="cpu")
    assert shared_encoder(settings) is shared_encoder(other_mean)


def test_a_bundle_that_the_space_was_not_built_with_is_refused(bundle_dir):
    settings = EncodeSettings(
        str(bundle_dir), MEAN, threads=1, provider="cpu", bundle_sha256="0" * 64
    )
    with pytest.raises(BundleTamperedError, match="the space was built with"):
        shared_encoder(settings)


def test_a_worker_fetches_a_bundle_of_an_object_store_for_itself(bundle_dir, tmp_path):
    registry = open_registry(f"memory://{tmp_path.name}")
    reference = publish(bundle_dir, registry)
    settings = EncodeSettings(
        str(reference),
        MEAN,
        threads=1,
        provider="cpu",
        bundle_sha256=verify(bundle_dir).bundle_sha256,
        registry=registry.store.url,
        bundle_cache=str(tmp_path / "cache"),
    )
    assert shared_encoder(settings).encode(["tea"], "document").shape == (1, 384)
    assert len([*(tmp_path / "cache").rglob(MODEL_FILE)]) == 1
