"""A student without layers: a vector for each token, their weighted mean, one matrix behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from onnx import ModelProto, TensorProto, helper
from torch import Tensor

from model_export.quantise.calibration import feed_of
from model_export.quantise.graph import Graph, node
from model_export.quantise.plain_session import plain_session
from model_export.quantise.tables import store_tables_as_int8
from model_export.quantise.weights import Floats
from udfs.bundle import OUTPUT_NAME

COMPONENTS = 256
"""Numbers of a token's vector, before the matrix."""
_RARE = 1e-3
"""Tokens more frequent than this weigh less: `rare / (rare + frequency)` (SIF, Arora 2017)."""
_RIDGE = 1e-2
_TOKENS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class TokenTable:
    """`unit(mean(table[tokens]) @ matrix + offset)`; weights of tokens are inside the table."""

    table: Floats
    """`(vocabulary, components)`."""
    matrix: Floats
    """`(components, dim)`."""
    offset: Floats
    """`(dim,)`."""


def first_table(
    teacher: Path, tokenizer: object, token_ids: Sequence[Sequence[int]], targets: Floats
) -> TokenTable:
    """Return the table that training begins with.

    A token's vector is the teacher's vector of that token alone, reduced to its principal
    components and weighted by rarity. Matrix and offset are a ridge regression of `targets`, the
    teacher's vectors `(texts, dim)` of the texts that `token_ids` are of.
    """
    alone = _alone(teacher, tokenizer)
    centred = alone - alone.mean(axis=0)
    _, _, directions = np.linalg.svd(centred.T @ centred)
    components = min(COMPONENTS, len(directions))
    counts = np.bincount(
        np.concatenate([np.asarray(ids) for ids in token_ids]), minlength=len(alone)
    )
    weights = _RARE / (_RARE + counts / counts.sum())
    table = (centred @ directions[:components].T * weights[:, None]).astype(np.float32)
    pooled = np.stack([table[np.asarray(ids)].mean(axis=0) for ids in token_ids])
    features = np.hstack([pooled, np.ones((len(pooled), 1), np.float32)]).astype(np.float64)
    moments = features.T @ features
    moments[np.diag_indices_from(moments)] += _RIDGE * np.mean(np.diag(moments))
    solved = np.linalg.solve(moments, features.T @ targets).astype(np.float32)
    return TokenTable(table, solved[:-1], solved[-1])


def _alone(teacher: Path, tokenizer: object) -> Floats:
    """Return the teacher's vectors of all tokens, each between the tokens around any text."""
    session = plain_session(teacher)
    names = [item.name for item in session.get_inputs()]
    before, after = _surroundings(tokenizer)
    size = tokenizer.get_vocab_size()  # type: ignore[attr-defined]
    parts = []
    for begin in range(0, size, _TOKENS_AT_ONCE):
        tokens = np.arange(begin, min(begin + _TOKENS_AT_ONCE, size))[:, None]
        ids = np.hstack(
            [np.tile(before, (len(tokens), 1)), tokens, np.tile(after, (len(tokens), 1))]
        ).astype(np.int64)
        parts.append(session.run(None, feed_of(names, (ids, np.ones_like(ids))))[0])
    return np.concatenate(parts)


def _surroundings(tokenizer: object) -> tuple[list[int], list[int]]:
    """Return the ids that the tokenizer puts before and behind any text."""
    plain = tokenizer.encode("a", add_special_tokens=False).ids  # type: ignore[attr-defined]
    whole = tokenizer.encode("a").ids  # type: ignore[attr-defined]
    begin = next(
        n for n in range(len(whole) - len(plain) + 1) if whole[n : n + len(plain)] == plain
    )
    return whole[:begin], whole[begin + len(plain) :]


class TokenTableModule(torch.nn.Module):
    """A token table as a PyTorch module, to be trained."""

    def __init__(self, start: TokenTable) -> None:
        super().__init__()
        self.table = torch.nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            torch.from_numpy(start.table.copy()), freeze=False, sparse=True
        )
        self.matrix = torch.nn.Parameter(torch.from_numpy(start.matrix.copy()))
        self.offset = torch.nn.Parameter(torch.from_numpy(start.offset.copy()))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Map ids and mask `(batch, tokens)` to unit vectors `(batch, dim)`."""
        counted = mask.unsqueeze(1).to(self.matrix.dtype)
        pooled = torch.matmul(counted, self.table(ids)).squeeze(1)
        pooled = pooled / mask.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.nn.functional.normalize(pooled @ self.matrix + self.offset, dim=1)

    def learned(self) -> TokenTable:
        """Return a copy of the table as it is trained so far."""
        return TokenTable(
            self.table.weight.detach().numpy().copy(),
            self.matrix.detach().numpy().copy(),
            self.offset.detach().numpy().copy(),
        )


def table_graph(student: TokenTable) -> Graph:
    """Return the student as a graph with a bundle's inputs and output; its table is int8."""
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    )
    vectors = helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["batch", None])
    model: ModelProto = helper.make_model(
        helper.make_graph([], "token_table", [ids, mask], [vectors]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    graph = Graph(model)
    table = graph.constant("table", student.table)
    axis = graph.constant("axis", [1], np.int64)
    one = graph.constant("one", 1)
    least = graph.constant("least", 1e-12)
    graph.nodes = [
        node("Gather", [table, "input_ids"], "token_vectors"),
        node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT),
        node("Unsqueeze", ["mask", axis], "mask_row"),
        # A product, not a sum: see `sentence_encoder.pool`.
        node("MatMul", ["mask_row", "token_vectors"], "sum_row"),
        node("Squeeze", ["sum_row", axis], "sum"),
        node("ReduceSum", ["mask", axis], "tokens", keepdims=1),
        node("Max", ["tokens", one], "count"),
        node("Div", ["sum", "count"], "mean"),
        node("MatMul", ["mean", graph.constant("matrix", student.matrix)], "turned"),
        node("Add", ["turned", graph.constant("offset", student.offset)], "moved"),
        node("ReduceL2", ["moved"], "length", axes=[1], keepdims=1),
        node("Max", ["length", least], "norm"),
        node("Div", ["moved", "norm"], OUTPUT_NAME),
    ]
    return store_tables_as_int8(graph)
