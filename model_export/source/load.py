"""Load a sentence encoder into PyTorch, with the settings of its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers.normalizers import Lowercase
from tokenizers.normalizers import Sequence as NormalizerSequence
from transformers import AutoModel, AutoModelForTextEncoding, AutoTokenizer, logging

from model_export.errors import SourceError
from model_export.source.adapter import has_adapter, merged, without_adapter
from model_export.source.choose_prompts import choose_prompts
from model_export.source.dense import read_dense
from model_export.source.families import Family, attention_window, family_of, positions
from model_export.source.folder import Source
from model_export.source.json_file import read_json
from model_export.source.overrides import EncodingOverrides
from model_export.source.sentence_config import Pooling, SentenceConfig, read_sentence_config
from model_export.source.similarity import similarity_note
from udfs.bundle import Prompts

UNUSED_WEIGHTS = ("pooler.", "lm_head.")
"""Prefixes of weights that take no part in a sentence vector."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A transformer in eval mode, float32, and how its token vectors become one vector."""

    transformer: Any
    tokenizer: Any
    """A tokenizer of transformers; the bundle gets its `backend_tokenizer`."""
    source: Source
    family: Family
    pooling: Pooling
    stated_pooling: Pooling
    """The folder's pooling, without overrides; the reference of the parity gate uses it."""
    dense: tuple[torch.nn.Module, ...]
    """Layers between pooling and truncation."""
    prompts: Prompts
    max_tokens: int
    """Longest input in tokens."""
    dim: int
    """Components of a vector."""
    notes: tuple[str, ...] = ()
    """Lines for a person: what was found of the model, and where."""

    @property
    def pad_token_id(self) -> int:
        """The token that pads an input: the tokenizer's, else the model's, else the end token."""
        padding = (
            self.tokenizer.pad_token_id,
            self.transformer.config.pad_token_id,
            self.tokenizer.eos_token_id,
        )
        return next((int(token) for token in padding if token is not None), 0)

    @property
    def uses_token_types(self) -> bool:
        """Whether the transformer distinguishes two segments of an input, as BERT does."""
        return int(getattr(self.transformer.config, "type_vocab_size", 0) or 0) > 1


def load(source: Source, overrides: EncodingOverrides = EncodingOverrides()) -> LoadedModel:  # noqa: B008
    """Load the model of a folder; nothing is downloaded and no code from the folder runs.

    Raises SourceError when the folder's architecture, modules or pooling are not supported, its
    weights or tokenizer cannot be loaded, or an override goes beyond what the model can do.
    """
    # Its warnings are about weights that are not used here, and about tokenizers that are right;
    # what would make the vectors others is an error below.
    logging.set_verbosity_error()
    stated = read_sentence_config(source.folder)
    family = _known_family(stated.transformer)
    transformer = _load_transformer(stated.transformer, family)
    dense = tuple(read_dense(folder) for folder in stated.dense)
    width = dense[-1].linear.out_features if dense else int(transformer.config.hidden_size)
    prompts = choose_prompts(stated.prompts, source.name, overrides)
    if not stated.pools_prompt and prompts.prompts != Prompts():
        raise SourceError(
            f"{source.folder} pools without the tokens of the prompt; the graph cannot tell them "
            "apart"
        )
    own_pooling = stated.pooling or overrides.pooling or ("last" if family.causal else "mean")
    return LoadedModel(
        transformer=transformer,
        tokenizer=load_tokenizer(stated),
        source=source,
        family=family,
        pooling=overrides.pooling or own_pooling,
        stated_pooling=own_pooling,
        dense=dense,
        prompts=prompts.prompts,
        max_tokens=choose_max_tokens(
            stated.max_tokens, overrides.max_tokens, _token_limit(transformer, family)
        ),
        dim=choose_dim(stated.dim, overrides.dim, width),
        notes=(*prompts.notes, *filter(None, [similarity_note(stated, source.name)])),
    )


def _known_family(folder: Path) -> Family:
    config = read_json(folder / "config.json")
    family = family_of(config.get("model_type"))
    if "AutoModel" in config.get("auto_map", {}):
        # The class that transformers has for this name would load, and give other vectors.
        raise SourceError(
            f"{folder} needs code that comes with it (auto_map in config.json), which is never "
            "run: choose a model whose architecture transformers has"
        )
    both_ways = bool(config.get("use_bidirectional_attention"))
    if family.windowed and not both_ways:
        raise SourceError(
            f"{folder} is a decoder of the family {config['model_type']}; the export supports its "
            "embedders, whose tokens see both ways (use_bidirectional_attention)"
        )
    if (both_ways and not family.windowed) or (config.get("is_decoder") and not family.half):
        raise SourceError(f"{folder} changes its family's attention mask, which is not supported")
    return family


def _load_transformer(folder: Path, family: Family) -> Any:
    try:
        with without_adapter(folder) as base:
            loader = AutoModelForTextEncoding if family.half else AutoModel
            transformer, report = loader.from_pretrained(
                base,
                output_loading_info=True,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                attn_implementation=family.attention,
                dtype=torch.float32,
            )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise SourceError(f"cannot load the model in {folder}: {error}") from error
    # transformers fills weights that the file lacks with random numbers.
    random = [key for key in report["missing_keys"] if not key.startswith(UNUSED_WEIGHTS)]
    if random:
        raise SourceError(
            f"the weights in {folder} miss {', '.join(random[:5])}"
            f"{' and more' if len(random) > 5 else ''}; download the whole model repository"
        )
    transformer = transformer.eval()
    return merged(transformer, folder) if has_adapter(folder) else transformer


def load_tokenizer(stated: SentenceConfig) -> Any:
    """Load the tokenizer as transformers sets it up, in a form that `tokenizers` runs.

    Raises SourceError when it cannot be loaded, or has no such form.
    """
    folder = stated.transformer
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_fast=True
        )
    except Exception as error:  # `tokenizers` raises bare Exception
        raise SourceError(f"cannot load the tokenizer in {folder}: {error}") from error
    if not tokenizer.is_fast:
        raise SourceError(f"the tokenizer in {folder} has no form for the `tokenizers` library")
    if stated.lower_case:
        backend = tokenizer.backend_tokenizer
        present = [backend.normalizer] if backend.normalizer else []
        backend.normalizer = NormalizerSequence([Lowercase(), *present])
    return tokenizer


def _token_limit(transformer: Any, family: Family) -> int:
    window = attention_window(family, transformer.config)
    limit = positions(family, transformer.config)
    return limit if window is None else min(limit, window)


def choose_max_tokens(stated: int | None, override: int | None, limit: int) -> int:
    """Return the longest input in tokens: the override, else what the folder states.

    A stated length is cut to `limit`. Raises SourceError for an override beyond it.
    """
    if override is not None and not 1 <= override <= limit:
        raise SourceError(f"a longest input of {override} tokens: the model takes 1 to {limit}")
    return min(override or int(stated or limit), limit)


def choose_dim(stated: int | None, override: int | None, width: int) -> int:
    """Return the components of a vector: the override, else what the folder states, else all.

    Raises SourceError when that is more than `width`, or less than 1.
    """
    dim = override if override is not None else int(stated or width)
    if not 1 <= dim <= width:
        raise SourceError(f"{dim} components: the model gives 1 to {width}")
    return dim
