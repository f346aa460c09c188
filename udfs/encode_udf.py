"""The encoder as a vectorised Flink function: STRING to BYTES, a vector of the space.

In Python: `encode_function(settings, "document")`. In SQL, with the settings among the job
parameters (`udfs.settings.to_job_parameters`):

    CREATE TEMPORARY FUNCTION encode_document AS 'udfs.encode_udf.encode_document' LANGUAGE PYTHON
"""

import contextlib
from typing import Any

import pandas as pd
from pyflink.table import DataTypes
from pyflink.table.udf import ScalarFunction, udf

from udfs.beam_sampling import without_state_sampling
from udfs.encoder import Kind
from udfs.encoder_metrics import EncoderMetrics
from udfs.end_with_java import end_with_java
from udfs.errors import TextTypeError
from udfs.settings import EncodeSettings, from_job_parameters
from udfs.shared_encoder import shared_encoder
from udfs.text_vectors import TextVectors

__all__ = ["EncodeSettings", "EncodeText", "encode_document", "encode_function", "encode_query"]


class EncodeText(ScalarFunction):
    """Encodes texts to vectors of the space, `2 * dim` bytes of float16; NULL gives NULL.

    Only settings and kind are pickled. `open` makes encoder and cache in the worker, and raises
    the errors of `udfs.errors` there.
    """

    def __init__(self, settings: EncodeSettings | None, kind: Kind) -> None:
        """Keep the settings; None has `open` read them from the job parameters."""
        self._settings = settings
        self._kind = kind
        self._vectors: TextVectors | None = None
        self._metrics: EncoderMetrics | None = None

    def open(self, function_context: Any) -> None:
        """Open the bundle, or share the encoder that is open in this process."""
        end_with_java()
        without_state_sampling()
        settings = self._settings or from_job_parameters(function_context.get_job_parameter)
        self._vectors = TextVectors(
            shared_encoder(settings), settings.mean_vector(), self._kind, settings.cache_size
        )
        # PyFlink raises where `python.metric.enabled` is false.
        with contextlib.suppress(RuntimeError):
            self._metrics = EncoderMetrics(function_context.get_metric_group(), self._kind)

    def eval(self, texts: pd.Series | str | None) -> pd.Series:
        """Encode a batch of strings and nulls to bytes and nulls, in the same order.

        Raises TextTypeError for a literal, whose number of rows Flink does not pass.
        """
        assert self._vectors is not None, "Flink calls open before eval"
        if not isinstance(texts, pd.Series):
            raise TextTypeError(f"encode a column of a table, not the literal {texts!r}")
        present = [text if isinstance(text, str) else None for text in texts]
        vectors = self._vectors(present)
        if self._metrics is not None:
            self._metrics.report(self._vectors.counts)
        return pd.Series(vectors, dtype=object)


def encode_function(settings: EncodeSettings | None, kind: Kind) -> Any:
    """Return a function for `create_temporary_function`.

    Without `settings` it reads them from the job parameters. `kind` is `document` for texts of
    items and comments, `query` for what a user looks for.
    """
    return udf(
        EncodeText(settings, kind),
        input_types=[DataTypes.STRING()],
        result_type=DataTypes.BYTES(),
        func_type="pandas",
        name=f"encode_{kind}",
    )


encode_document = encode_function(None, "document")
encode_query = encode_function(None, "query")
