import pickle

import numpy as np
import pytest

from udfs.errors import SettingsError
from udfs.settings import EncodeSettings, from_job_parameters, mean_bytes, to_job_parameters

MEAN = np.array([0.25, -1.5, 3e-8], dtype=np.float32)
SETTINGS = EncodeSettings(
    bundle_dir="/bundles/a b",
    mean=mean_bytes(MEAN),
    threads=2,
    provider="cpu",
    cache_size=7,
    bundle_sha256="ab" * 32,
    registry="s3://bucket/bundles",
    bundle_cache="/cache",
)


def test_settings_survive_job_parameters():
    assert from_job_parameters(to_job_parameters(SETTINGS).get) == SETTINGS


def test_settings_survive_pickling():
    assert pickle.loads(pickle.dumps(SETTINGS)) == SETTINGS


def test_what_is_not_among_the_parameters_has_its_default():
    few = {
        key: to_job_parameters(SETTINGS)[key]
        for key in ("interestream.bundle", "interestream.mean")
    }
    assert from_job_parameters(few.get) == EncodeSettings("/bundles/a b", mean_bytes(MEAN))


def test_the_mean_comes_back_as_it_was():
    np.testing.assert_array_equal(SETTINGS.mean_vector(), MEAN)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("bundle", "", "interestream.bundle"),
        ("mean", "", "mean of 0 bytes"),
        ("mean", "???", "interestream.mean"),
        ("mean", "AAAA", "mean of 3 bytes"),
        ("threads", "two", "interestream.threads is 'two'"),
        ("threads", "-1", "threads -1"),
        ("cache_size", "-1", "cache_size -1"),
        ("provider", "tpu", "'tpu'"),
    ],
)
def test_a_bad_parameter_is_named(key, value, message):
    values = to_job_parameters(SETTINGS) | {f"interestream.{key}": value}
    with pytest.raises(SettingsError, match=message):
        from_job_parameters(values.get)
