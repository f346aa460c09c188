import pytest

from udfs.errors import BundleTamperedError
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
