"""Small seeded models of each architecture, as their makers lay them out, with real tokenizers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_export.parity_texts import PARITY_TEXTS
from tests.model_export.builders import write_json

WIDTH = 32


@dataclass(frozen=True)
class Example:
    """How a model of a family is used; pooling None leaves its folder without a word."""

    model: Callable[[], Any]
    tokenizer: Callable[[], Any]
    pooling: str | None
    prompts: Mapping[str, str] = field(default_factory=dict)
    max_tokens: int = 48
    louder: float = 8.0
    """Fresh weights are so small that attention hardly depends on anything: they get a factor."""


def write_example(example: Example, folder: Path) -> Path:
    """The folder of a seeded model, in the layout of sentence-transformers."""
    import torch

    torch.set_num_threads(1)  # threads cost a model of this size far more than they give
    torch.manual_seed(7)
    model = example.model()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(example.louder)
    model.save_pretrained(folder)
    example.tokenizer().save_pretrained(folder)
    if example.pooling:
        write_modules(folder, "Transformer", "Pooling", "Normalize")
        pooling = {f"pooling_mode_{example.pooling}": True, "word_embedding_dimension": WIDTH}
        write_json(folder / "1_Pooling" / "config.json", pooling)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": example.max_tokens})
    if example.prompts:
        write_json(folder / "config_sentence_transformers.json", {"prompts": example.prompts})
    return folder


def write_modules(folder: Path, *kinds: str) -> None:
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": f"{number}_{kind}" if number else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, kind in enumerate(kinds)
    ]
    write_json(folder / "modules.json", modules)
    for module in modules[1:]:
        (folder / str(module["path"])).mkdir(exist_ok=True)


def word_piece_without_types() -> Any:
    """As DistilBERT: no segments."""
    from transformers import DistilBertTokenizerFast

    return DistilBertTokenizerFast(tokenizer_object=word_piece().backend_tokenizer)


def word_piece() -> Any:
    """As BERT: [CLS] and [SEP] around, padding is 0."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special)
    tokenizer.train_from_iterator(PARITY_TEXTS, trainer)
    return BertTokenizerFast(tokenizer_object=surround(tokenizer, "[CLS]", "[SEP]"))


def unigram() -> Any:
    """As XLM-RoBERTa: <s> and </s> around, padding is 1."""
    from transformers import XLMRobertaTokenizerFast

    tokenizer = pieces(["<s>", "<pad>", "</s>", "<unk>"], "<unk>")
    return XLMRobertaTokenizerFast(tokenizer_object=surround(tokenizer, "<s>", "</s>"))


def byte_pairs_around() -> Any:
    """As RoBERTa: bytes, <s> and </s> around, padding is 1."""
    from transformers import RobertaTokenizerFast

    tokenizer = byte_pairs(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return RobertaTokenizerFast(tokenizer_object=surround(tokenizer, "<s>", "</s>"))


def unigram_pieces_around() -> Any:
    """As ALBERT: [CLS] and [SEP] around pieces, padding is 0."""
    from transformers import AlbertTokenizerFast

    tokenizer = pieces(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], "<unk>")
    return AlbertTokenizerFast(tokenizer_object=surround(tokenizer, "[CLS]", "[SEP]"))


def unigram_pieces_of_deberta() -> Any:
    """As DeBERTa: [CLS] and [SEP] around pieces, padding is 0."""
    from transformers import DebertaV2TokenizerFast

    tokenizer = pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], "[UNK]")
    return DebertaV2TokenizerFast(tokenizer_object=surround(tokenizer, "[CLS]", "[SEP]"))


def pieces(special: list[str], unknown: str) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=special, unk_token=unknown)
    tokenizer.train_from_iterator(PARITY_TEXTS, trainer)
    return tokenizer


def unigram_of_camembert() -> Any:
    """As CamemBERT: <s> and </s> around, padding is 1."""
    from transformers import CamembertTokenizerFast

    tokenizer = pieces(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], "<unk>")
    return CamembertTokenizerFast(tokenizer_object=surround(tokenizer, "<s>", "</s>"))


def unigram_with_end() -> Any:
    """As T5: </s> behind, padding is 0."""
    from tokenizers.processors import TemplateProcessing
    from transformers import T5TokenizerFast

    tokenizer = pieces(["<pad>", "</s>", "<unk>"], "<unk>")
    tokenizer.post_processor = TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    return T5TokenizerFast(tokenizer_object=tokenizer, extra_ids=0)


def byte_pairs_of_gemma() -> Any:
    """As EmbeddingGemma: <bos> and <eos> around, padding is 0."""
    from transformers import GemmaTokenizerFast

    tokenizer = byte_pairs(["<pad>", "<eos>", "<bos>", "<unk>"])
    return GemmaTokenizerFast(tokenizer_object=surround(tokenizer, "<bos>", "<eos>"))


def byte_pairs_with_end() -> Any:
    """As Qwen3-Embedding: bytes, and the end of text behind, where the vector is taken."""
    from tokenizers.processors import TemplateProcessing
    from transformers import Qwen2TokenizerFast

    end = "<|endoftext|>"
    tokenizer = byte_pairs([end, "<|im_end|>"])
    tokenizer.post_processor = TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, tokenizer.token_to_id(end))]
    )
    return Qwen2TokenizerFast(
        tokenizer_object=tokenizer, pad_token=end, eos_token="<|im_end|>", padding_side="left"
    )


def byte_pairs(special: list[str]) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(PARITY_TEXTS, trainer)
    return tokenizer


def surround(tokenizer: Any, first: str, last: str) -> Any:
    from tokenizers.processors import TemplateProcessing

    special = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=special
    )
    return tokenizer


def of(kind: str, **more: Any) -> Callable[[], Any]:
    """A model by the name of its class, made when called."""

    def make() -> Any:
        import transformers

        config = getattr(transformers, f"{kind.removesuffix('Encoder')}Config")(**more)
        return getattr(transformers, f"{kind}Model")(config).eval()

    return make


_ENCODER = {
    "vocab_size": 400,
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
_ROBERTA = _ENCODER | {"max_position_embeddings": 66, "type_vocab_size": 1, "pad_token_id": 1}
_MODERN = _ENCODER | {
    "pad_token_id": 0,
    "cls_token_id": 2,
    "sep_token_id": 3,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "global_attn_every_n_layers": 2,
    "local_attention": 8,
    "reference_compile": False,
}
_DEBERTA = _ENCODER | {
    "relative_attention": True,
    "position_buckets": 8,
    "pos_att_type": ["p2c", "c2p"],
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_biased_input": False,
    "type_vocab_size": 0,
}
_T5 = {"vocab_size": 400, "d_model": WIDTH, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
_DISTIL = {
    "vocab_size": 400,
    "dim": WIDTH,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 64,
    "max_position_embeddings": 64,
}
DECODER = _ENCODER | {"num_key_value_heads": 2}
_GEMMA = DECODER | {
    "head_dim": 16,
    "query_pre_attn_scalar": 16,
    "sliding_window": 24,
    "layer_types": ["sliding_attention", "full_attention"],
    "use_bidirectional_attention": True,
}
_INSTRUCTION = "Instruct: Given a web search query, retrieve passages that answer it\nQuery:"

EXAMPLES: Mapping[str, Example] = {
    "minilm": Example(of("Bert", **_ENCODER), word_piece, "mean_tokens"),
    "bge": Example(of("Bert", **_ENCODER), word_piece, "cls_token", {"query": "Represent this: "}),
    "e5": Example(
        of("XLMRoberta", **_ROBERTA),
        unigram,
        "mean_tokens",
        {"query": "query: ", "passage": "passage: "},
    ),
    "camembert": Example(of("Camembert", **_ROBERTA), unigram_of_camembert, "mean_tokens"),
    "albert": Example(
        of("Albert", **_ENCODER, embedding_size=16), unigram_pieces_around, "mean_tokens"
    ),
    "deberta": Example(of("DebertaV2", **_DEBERTA), unigram_pieces_of_deberta, "mean_tokens"),
    "t5": Example(of("T5Encoder", **_T5), unigram_with_end, "mean_tokens", louder=2),
    "mt5": Example(
        of("MT5Encoder", **_T5, feed_forward_proj="gated-gelu"),
        unigram_with_end,
        "mean_tokens",
        louder=2,
    ),
    "gemma3": Example(
        of("Gemma3Text", **_GEMMA),
        byte_pairs_of_gemma,
        "mean_tokens",
        {"query": "task: search result | query: ", "document": "title: none | text: "},
    ),
    "roberta": Example(of("Roberta", **_ROBERTA), byte_pairs_around, "mean_tokens"),
    "mpnet": Example(of("MPNet", **_ROBERTA), byte_pairs_around, "mean_tokens"),
    "distilbert": Example(of("DistilBert", **_DISTIL), word_piece_without_types, "mean_tokens"),
    "electra": Example(of("Electra", **_ENCODER, embedding_size=WIDTH), word_piece, "cls_token"),
    "modernbert": Example(of("ModernBert", **_MODERN), word_piece_without_types, "mean_tokens"),
    "qwen3": Example(
        of("Qwen3", **DECODER, head_dim=16),
        byte_pairs_with_end,
        "lasttoken",
        {"query": _INSTRUCTION, "document": ""},
    ),
    "qwen2": Example(of("Qwen2", **DECODER), byte_pairs_with_end, "lasttoken"),
    "mistral": Example(of("Mistral", **DECODER), byte_pairs_with_end, "lasttoken"),
    "llama": Example(of("Llama", **DECODER), byte_pairs_with_end, "mean_tokens"),
}
