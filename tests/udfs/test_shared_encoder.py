from dataclasses import replace

import pytest

from jobs.runtime.processes import free_port
from model_export.publishing.publish import publish
from udfs.bundle import MODEL_FILE, verify
from udfs.errors import BundleTamperedError, RegistryUnreachableError
from udfs.registry.registry import local_bundle, open_registry
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


def test_a_worker_goes_on_with_its_copy_while_the_registry_does_not_answer(bundle_dir, tmp_path):
    registry = open_registry(f"memory://{tmp_path.name}-before")
    reference = publish(bundle_dir, registry)
    cache = tmp_path / "cache"
    local_bundle(str(reference), registry.store.url, cache)
    settings = EncodeSettings(
        str(reference),
        MEAN,
        threads=1,
        provider="cpu",
        bundle_sha256=verify(bundle_dir).bundle_sha256,
        registry=f"ftp://127.0.0.1:{free_port()}/bundles",
        bundle_cache=str(cache),
    )
    assert shared_encoder(settings).encode(["tea"], "document").shape == (1, 384)
    elsewhere = replace(settings, bundle_cache=str(tmp_path / "empty"), store=str(tmp_path / "s"))
    with pytest.raises(RegistryUnreachableError, match=r"does not answer .*refused"):
        shared_encoder(elsewhere)
