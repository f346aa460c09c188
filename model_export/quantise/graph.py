"""An ONNX graph while it is rewritten: nodes in order, constants by name."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"
"""Domain of ONNX Runtime's own operators."""

_LARGEST_FILE_BYTES = 1_800_000_000
"""Beyond this (protobuf ends at 2 GiB) weights go to a file of their own."""


class Graph:
    """Nodes and constants of an ONNX model; nodes may be replaced freely."""

    def __init__(self, model: ModelProto) -> None:
        self._model = model
        self._constants: dict[str, TensorProto] = {t.name: t for t in model.graph.initializer}
        self.nodes: list[NodeProto] = []
        for item in model.graph.node:
            if item.op_type == "Constant" and item.attribute[0].name == "value":
                self._constants[item.output[0]] = item.attribute[0].t
            else:
                self.nodes.append(item)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a graph from an ONNX file."""
        return cls(onnx.load(path))

    def copy(self) -> "Graph":
        """Return a graph of the same nodes and constants; rewriting it leaves this one alone."""
        other = Graph(_shell(self._model))
        for item in self.nodes:
            other.nodes.append(NodeProto())
            other.nodes[-1].CopyFrom(item)
        other._constants = dict(self._constants)  # replaced, never changed: may be shared
        return other

    @property
    def outputs(self) -> list[str]:
        """Names of the values that the graph returns."""
        return [output.name for output in self._model.graph.output]

    def is_constant(self, name: str) -> bool:
        """Return whether a value is a constant of the graph."""
        return name in self._constants

    def array(self, name: str) -> NDArray[Any]:
        """Return the value of a constant."""
        return numpy_helper.to_array(self._constants[name])

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        """Add a constant, or replace the one of this name, and return its name."""
        array = np.ascontiguousarray(np.asarray(value, dtype))
        self._constants[name] = numpy_helper.from_array(array, name)
        return name

    def users(self) -> dict[str, list[NodeProto]]:
        """Return the nodes that read each value, by its name; outputs of the graph do not count."""
        found: dict[str, list[NodeProto]] = {}
        for item in self.nodes:
            for name in _reads(item):
                found.setdefault(name, []).append(item)
        return found

    def producers(self) -> dict[str, NodeProto]:
        """Return the node that gives each value, by its name."""
        return {name: item for item in self.nodes for name in item.output if name}

    def expose(self, names: Iterable[str]) -> None:
        """Make values outputs of the graph, so that a session returns them."""
        self._model = _shell(self._model)
        for name in names:
            self._model.graph.output.append(helper.make_empty_tensor_value_info(name))

    def model(self) -> ModelProto:
        """Return the graph as a model, with only what its outputs need."""
        needed, kept = set(self.outputs), []
        for item in reversed(self.nodes):
            if needed & {*item.output}:
                kept.append(item)
                needed |= {*_reads(item)}
        model = _shell(self._model)
        model.graph.node.extend(reversed(kept))
        model.graph.initializer.extend(
            _named(tensor, name) for name, tensor in self._constants.items() if name in needed
        )
        unused = [entry for entry in model.graph.input if entry.name not in needed]
        for entry in unused:
            model.graph.input.remove(entry)
        return model

    def write(self, path: Path) -> Path:
        """Write the model to `path` and return that; very large weights go to `path` + `.data`."""
        model = self.model()
        large = model.ByteSize() > _LARGEST_FILE_BYTES
        beside = f"{path.name}.data" if large else None
        onnx.save(model, path, save_as_external_data=large, location=beside)
        return path


def node(
    op_type: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
) -> NodeProto:
    """Return a node with one output, which it is named after."""
    return helper.make_node(op_type, inputs, [output], name=output, domain=domain, **attributes)


def attributes(item: NodeProto, *names: str) -> dict[str, Any]:
    """Return the values of the named attributes that a node has."""
    return {a.name: helper.get_attribute_value(a) for a in item.attribute if a.name in names}


def _reads(item: NodeProto) -> list[str]:
    """Return the values that a node reads, also those that its branches (of an `If`) read."""
    branches = (a.g for a in item.attribute if a.type == AttributeProto.GRAPH)
    return [*item.input, *(name for branch in branches for n in branch.node for name in _reads(n))]


def _named(tensor: TensorProto, name: str) -> TensorProto:
    if tensor.name == name:
        return tensor
    copy = TensorProto()
    copy.CopyFrom(tensor)
    copy.name = name
    return copy


def _shell(model: ModelProto) -> ModelProto:
    """Return a copy of the model without its nodes and weights."""
    shell = ModelProto()
    shell.ir_version = model.ir_version
    shell.producer_name = model.producer_name
    shell.opset_import.extend(model.opset_import)
    if not any(entry.domain == MICROSOFT for entry in shell.opset_import):
        shell.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    shell.graph.name = model.graph.name
    shell.graph.input.extend(model.graph.input)
    shell.graph.output.extend(model.graph.output)
    return shell
