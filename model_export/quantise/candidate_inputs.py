"""What candidates are made from; its costly parts are made once, at their first use."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from onnx import NodeProto

from model_export.quantise.calibration import Batch, ObservedInputs, observe_inputs
from model_export.quantise.fit import SMOOTHINGS, Fit, Scheme, fit
from model_export.quantise.graph import Graph
from model_export.quantise.norms import move_offsets, split_norms
from model_export.quantise.products import (
    Lowering,
    Product,
    lower,
    products,
    stored_as_float16,
)
from model_export.quantise.sensitivity import sensitivity
from model_export.quantise.spell_out import spell_out
from model_export.quantise.tables import store_tables_as_int8

STATIC = Scheme(smoothings=SMOOTHINGS, compensated=True)
BY_ROW = Scheme(by_row=True, smoothings=SMOOTHINGS, compensated=True)


class CandidateInputs:
    """A fused graph, the texts to tune with, and everything derived from both."""

    def __init__(
        self,
        fused: Path,
        tuning: Sequence[Batch],
        scratch: Path,
        *,
        sample_rows: int = 4096,
        sensitivity_batches: int = 4,
        seed: int = 0,
        on_progress: Callable[[str], None] = lambda what: None,
    ) -> None:
        self.fused = fused
        self.scratch = scratch
        self._tuning = tuning
        self._sample_rows = sample_rows
        self._sensitivity_batches = sensitivity_batches
        self._seed = seed
        self._on_progress = on_progress
        self._fits: dict[tuple[str, Scheme], Fit] = {}

    @cached_property
    def lean(self) -> Graph:
        """The fused graph spelled out, with cheap norms; products are not lowered yet."""
        return move_offsets(split_norms(spell_out(Graph.read(self.fused))))

    @cached_property
    def observed(self) -> Mapping[str, ObservedInputs]:
        """Inputs of each product while the tuning texts go through, by their names."""
        return observe_inputs(
            self.lean,
            self._tuning,
            self.scratch,
            sample_rows=self._sample_rows,
            seed=self._seed,
            on_batch=lambda number: self._on_progress(
                f"reading the tuning texts, batch {number} of {len(self._tuning)}"
            ),
        )

    def fit(self, product: Product, scheme: Scheme) -> Fit:
        """Return a product in int8; it is fitted once for each scheme."""
        key = (product.output, scheme)
        if key not in self._fits:
            self._on_progress(f"fitting {product.name}")
            weights = self.lean.array(product.weights)
            self._fits[key] = fit(self.observed[product.inputs], weights, scheme)
        return self._fits[key]

    @cached_property
    def losses(self) -> dict[str, float]:
        """Loss of the vectors when one product has a fixed scale, by its output, worst first."""
        fits = {one.output: self.fit(one, STATIC) for one in products(self.lean)}
        step = max(1, len(self._tuning) // self._sensitivity_batches)
        self._on_progress("quantising one product at a time")
        return sensitivity(
            self.lean, fits, self._tuning[::step], self.scratch, on_product=self._on_progress
        )

    def worst(self, share: float) -> list[str]:
        """Return the outputs of the products of greatest loss, a `share` of all, rounded up."""
        return [*self.losses][: -(-len(self.losses) * round(share * 1000) // 1000)]

    def quantised(
        self,
        scheme: Scheme,
        *,
        by_row: Collection[str] = (),
        in_float: Collection[str] = (),
    ) -> Graph:
        """Return a runnable graph with int8 tables and products.

        Products with an output in `by_row` scale their inputs row by row. Those with an output in
        `in_float` keep float32 arithmetic and are stored as float16.
        """

        def lowering(graph: Graph, product: Product) -> list[NodeProto]:
            if product.output in in_float:
                return stored_as_float16(graph, product)
            chosen = BY_ROW if product.output in by_row else scheme
            return self.fit(product, chosen).nodes(graph, product)

        return lower(store_tables_as_int8(self.lean), lowering)

    def lowered(self, lowering: Lowering, *, small_tables: bool) -> Graph:
        """Return a runnable graph by a lowering that needs no tuning.

        `small_tables` stores embedding tables as int8.
        """
        return lower(store_tables_as_int8(self.lean) if small_tables else self.lean, lowering)
