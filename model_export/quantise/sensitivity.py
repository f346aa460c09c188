"""Which products cost a model's vectors most when they are quantised."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from onnx import NodeProto

from model_export.quantise.calibration import Batch, feed_of
from model_export.quantise.fit import Fit
from model_export.quantise.graph import Graph
from model_export.quantise.plain_session import plain_session
from model_export.quantise.products import Product, in_float32, lower, products
from model_export.quantise.weights import Floats


def sensitivity(
    graph: Graph,
    fits: Mapping[str, Fit],
    batches: Sequence[Batch],
    scratch: Path,
    on_product: Callable[[str], None] = lambda what: None,
) -> dict[str, float]:
    """Return `1 - mean cosine` of the vectors with one product quantised, the others in float32.

    Keys are the products' outputs, the worst first; `fits` has a fit for each of them.
    `on_product` is called before each of them is quantised, with its number and its name.
    """
    reference = _vectors(lower(graph, in_float32), batches, scratch)
    losses = {}
    every = products(graph)
    for number, product in enumerate(every, start=1):
        on_product(f"quantising product {number} of {len(every)}: {product.name}")

        def one_quantised(
            target: Graph, other: Product, output: str = product.output
        ) -> list[NodeProto]:
            if other.output == output:
                return fits[output].nodes(target, other)
            return in_float32(target, other)

        vectors = _vectors(lower(graph, one_quantised), batches, scratch)
        losses[product.output] = 1 - float(np.sum(vectors * reference, axis=1).mean())
    return dict(sorted(losses.items(), key=lambda item: -item[1]))


def _vectors(graph: Graph, batches: Sequence[Batch], scratch: Path) -> Floats:
    session = plain_session(graph.write(scratch / "one_quantised.onnx"))
    wanted = [item.name for item in session.get_inputs()]
    return np.concatenate([session.run(None, feed_of(wanted, batch))[0] for batch in batches])
