"""The whole encoder as one PyTorch module, which becomes the graph."""

import torch
from torch import Tensor

from model_export.source.load import LoadedModel


class SentenceEncoder(torch.nn.Module):
    """A transformer with pooling, dense layers, truncation and L2 normalisation behind it.

    Padding may be on either side: only the attention mask marks it.
    """

    def __init__(self, model: LoadedModel) -> None:
        super().__init__()
        self.transformer = model.transformer
        self.causal = model.family.causal
        self.window = model.transformer.config.sliding_window if model.family.windowed else 0
        self.pooling = model.pooling
        self.dense = torch.nn.ModuleList(model.dense)
        self.dim = model.dim

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> Tensor:
        """Map ids, mask and types `(batch, tokens)` to unit vectors `(batch, dim)` float32."""
        tokens = self._tokens(input_ids, attention_mask, token_type_ids)
        vectors = pool(self.pooling, tokens, attention_mask)
        for layer in self.dense:
            vectors = layer(vectors)
        vectors = vectors[:, : self.dim]
        unit: Tensor = vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return unit

    def _tokens(self, input_ids: Tensor, attention_mask: Tensor, types: Tensor | None) -> Tensor:
        """Return the vectors of the tokens, `(batch, tokens, width)`."""
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if types is not None:
            inputs["token_type_ids"] = types
        if self.causal:
            # Count positions from the first token that is not padding; the model would count
            # from the first column.
            inputs["position_ids"] = (attention_mask.cumsum(1) - 1).clamp(min=0)
            inputs["attention_mask"] = causal_mask(attention_mask)
            output = self.transformer(**inputs, use_cache=False)
        elif self.window:
            inputs["position_ids"] = (attention_mask.cumsum(1) - 1).clamp(min=0)
            masks = window_masks(attention_mask, self.window)
            output = self.transformer(**inputs | {"attention_mask": masks}, use_cache=False)
        else:
            output = self.transformer(**inputs)
        tokens: Tensor = output.last_hidden_state
        return tokens


def causal_mask(attention_mask: Tensor) -> Tensor:
    """Return what to add to attention scores, `(batch, 1, tokens, tokens)` float32.

    It is zero where a row's token may attend to a column's token, which is neither padding nor
    behind it, and the least float32 elsewhere.
    """
    order = torch.arange(attention_mask.shape[1])
    seen = (order[None, :] <= order[:, None])[None, None] & (attention_mask[:, None, None] > 0)
    return torch.where(seen, 0.0, torch.finfo(torch.float32).min)


def window_masks(attention_mask: Tensor, window: int) -> dict[str, Tensor]:
    """Return what to add to attention scores by kind of layer, each `(batch, 1, tokens, tokens)`.

    Zero where a row's token may attend to a column's, which is not padding and, in a layer with
    `sliding_attention`, less than `window` tokens away; the least float32 elsewhere.
    """
    order = torch.arange(attention_mask.shape[1])
    distance = (order[None, :] - order[:, None]).abs()[None, None]
    real = attention_mask[:, None, None] > 0
    least = torch.finfo(torch.float32).min
    return {
        "full_attention": torch.where(real & (distance >= 0), 0.0, least),
        "sliding_attention": torch.where(real & (distance < window), 0.0, least),
    }


def pool(pooling: str, tokens: Tensor, attention_mask: Tensor) -> Tensor:
    """Reduce token vectors `(batch, tokens, width)` to one vector a text, `(batch, width)`."""
    # Products of matrices, not sums along an axis: ONNX Runtime sums a batch of one in another
    # order than a batch of many, and a text's vector would depend on its batch.
    if pooling == "mean":
        weights = attention_mask.unsqueeze(1).to(tokens.dtype)
        count = attention_mask.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.matmul(weights, tokens).squeeze(1) / count.to(tokens.dtype)
    counted = attention_mask.cumsum(1)
    wanted = counted[:, -1:] if pooling == "last" else 1
    chosen = (counted == wanted) & (attention_mask > 0)
    return torch.matmul(chosen.unsqueeze(1).to(tokens.dtype), tokens).squeeze(1)
