"""What the export knows of each architecture: positions, masks, and what ONNX Runtime fuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from model_export.errors import SourceError


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture whose export is tested."""

    optimizer: Literal["bert", "qwen3"]
    """Name of ONNX Runtime's fusions for graphs of this kind."""
    fused: Callable[[Any], Mapping[str, int]]
    """From the model's configuration to the least number of fused nodes, by operator."""
    causal: bool = False
    """Whether a token sees only those before it: the graph then builds mask and positions."""
    attention: Literal["eager", "sdpa"] = "eager"
    """The form of attention to export: most fusions recognise the eager one."""
    counts_positions_from_pad: bool = False
    """Whether positions begin behind the padding token's id, as RoBERTa's do."""
    half: bool = False
    """Whether the encoder is half of the model that its class makes, as T5's is."""
    windowed: bool = False
    """Whether tokens see both ways, in some layers within a window: the graph then builds the masks
    of both kinds of layers, and positions."""


def family_of(model_type: object) -> Family:
    """Return the family of a `model_type` of `config.json`.

    Raises SourceError for one that is not supported.
    """
    family = FAMILIES.get(str(model_type))
    if family is None:
        raise SourceError(
            f"a {model_type!r} model; the export supports {', '.join(sorted(FAMILIES))}"
        )
    return family


def positions(family: Family, config: Any) -> int:
    """Return the longest input in tokens that the model has positions for."""
    if not hasattr(config, "max_position_embeddings"):
        # T5's attention knows distances only; this is the length that it was trained with.
        return int(getattr(config, "n_positions", 512))
    stated = int(config.max_position_embeddings)
    return stated - int(config.pad_token_id) - 1 if family.counts_positions_from_pad else stated


def attention_window(family: Family, config: Any) -> int | None:
    """Return how many tokens back a causal model's attention reaches; None for all."""
    if not family.causal or not getattr(config, "use_sliding_window", True):
        return None
    window = getattr(config, "sliding_window", None)
    return None if window is None else int(window)


def _bert(config: Any) -> Mapping[str, int]:
    layers = int(config.num_hidden_layers)
    return {"Attention": layers, "SkipLayerNormalization": 2 * layers, "BiasGelu": layers}


def _norms(config: Any) -> Mapping[str, int]:
    # MPNet and DeBERTa have relative positions in their attention scores: no fused node has that.
    layers = int(config.num_hidden_layers)
    return {"SkipLayerNormalization": 2 * layers, "BiasGelu": layers}


def _albert(config: Any) -> Mapping[str, int]:
    # The first layer's input comes out of a product, where no attention node is recognised.
    layers = int(config.num_hidden_layers)
    return {"Attention": layers - 1, "SkipLayerNormalization": 2 * layers}


def _modern_bert(config: Any) -> Mapping[str, int]:
    return {"SkipLayerNormalization": 2 * int(config.num_hidden_layers)}


def _t5(config: Any) -> Mapping[str, int]:
    return {"SkipSimplifiedLayerNormalization": 2 * int(config.num_hidden_layers) - 1}


def _gemma3(config: Any) -> Mapping[str, int]:
    return {"SkipSimplifiedLayerNormalization": 2 * int(config.num_hidden_layers)}


def _decoder(config: Any) -> Mapping[str, int]:
    layers = int(config.num_hidden_layers)
    return {"SkipSimplifiedLayerNormalization": 2 * layers, "RotaryEmbedding": 2 * layers}


_ROBERTA = Family("bert", _bert, counts_positions_from_pad=True)
_T5 = Family("qwen3", _t5, half=True)  # ONNX Runtime's own for T5 has a node for GPUs alone
_DECODER = Family("qwen3", _decoder, causal=True)

FAMILIES: Mapping[str, Family] = {
    "albert": Family("bert", _albert),
    "bert": Family("bert", _bert),
    "camembert": _ROBERTA,
    "deberta-v2": Family("bert", _norms),
    "distilbert": Family("bert", _bert, attention="sdpa"),
    "electra": Family("bert", _bert),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "mpnet": Family("bert", _norms, counts_positions_from_pad=True),
    "modernbert": Family("bert", _modern_bert),
    "t5": _T5,
    "mt5": _T5,
    "gemma3_text": Family("qwen3", _gemma3, windowed=True),
    "llama": _DECODER,
    "mistral": _DECODER,
    "qwen2": _DECODER,
    "qwen3": _DECODER,
}
