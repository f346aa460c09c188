"""The network: a causal transformer over a user's interactions, and vectors of items.

It follows Kang and McAuley, SASRec (ICDM 2018), with three differences: an item is its text's
vector through a learned projection plus, where the model has seen it, a vector of its own; time
comes in as pauses, hours and weekdays; and places are told by distance within the attention, so
that a short history looks the same with and without padding in front of it.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from udfs.sequence.features import GAPS, HOURS, WEEKDAYS

_HIDDEN = -1e4
"""Added to the attention's logarithm where nothing may be seen: finite, so that none is NaN."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a network."""

    text_dim: int
    items: int
    """Items with a vector of their own."""
    dim: int = 64
    layers: int = 2
    heads: int = 2
    max_events: int = 32
    dropout: float = 0.2


class Items(nn.Module):
    """Text vectors to unit vectors of items."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.project = nn.Linear(shape.text_dim, shape.dim)
        # The last row is that of items without a vector of their own, and stays 0.
        self.own = nn.Embedding(shape.items + 1, shape.dim, padding_idx=shape.items)
        nn.init.normal_(self.own.weight, std=0.02)
        with torch.no_grad():
            self.own.weight[shape.items] = 0

    def forward(self, texts: Tensor, numbers: Tensor) -> Tensor:
        """Unit vectors `(n, dim)` of texts `(n, text_dim)` and numbers `(n,)` of items."""
        return functional.normalize(self.project(texts) + self.own(numbers), dim=-1)


class Block(nn.Module):
    """Attention to what came before, and a layer of products."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        dim = shape.dim
        self.heads = shape.heads
        self.before = nn.LayerNorm(dim)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.joined = nn.Linear(dim, dim)
        self.distance = nn.Parameter(torch.zeros(shape.heads, shape.max_events))
        self.between = nn.LayerNorm(dim)
        self.wide = nn.Linear(dim, 2 * dim)
        self.narrow = nn.Linear(2 * dim, dim)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, hidden: Tensor, last: bool = False) -> Tensor:
        """The next `(users, events, dim)`, or `(users, 1, dim)` of the last event if `last`.

        `hidden` `(users, 1, events, events)` is what is added to the attention's logarithms.
        """
        before = self.before(x)
        if last:
            x, asking, hidden = x[:, -1:], before[:, -1:], hidden[:, :, -1:]
        else:
            asking = before
        query, key, value = (
            self._split(layer(of))
            for layer, of in ((self.query, asking), (self.key, before), (self.value, before))
        )
        events = torch.arange(before.shape[1], device=x.device)
        distance = (events[:, None] - events[None, :]).clamp(min=0)
        bias = self.distance[:, distance]
        if last:
            bias = bias[:, -1:]
        logits = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1]) + bias + hidden
        attended = torch.softmax(logits, dim=-1) @ value
        attended = attended.transpose(1, 2).flatten(2)
        x = x + self.dropout(self.joined(attended))
        wide = functional.gelu(self.wide(self.between(x)))
        found: Tensor = x + self.dropout(self.narrow(wide))
        return found

    def _split(self, x: Tensor) -> Tensor:
        """`(users, heads, events, dim / heads)`."""
        users, events, dim = x.shape
        return x.reshape(users, events, self.heads, dim // self.heads).transpose(1, 2)


class Users(nn.Module):
    """Vectors of items in order, and what is known of each interaction, to vectors of users."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        dim = shape.dim
        self.enter = nn.Linear(dim, dim)
        self.gap = nn.Embedding(GAPS, dim)
        self.hour = nn.Embedding(HOURS, dim)
        self.weekday = nn.Embedding(WEEKDAYS, dim)
        self.strength = nn.Linear(1, dim, bias=False)
        for table in (self.gap, self.hour, self.weekday):
            nn.init.normal_(table.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.after = nn.LayerNorm(dim)
        self.leave = nn.Linear(dim, dim)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(
        self,
        items: Tensor,
        gap: Tensor,
        hour: Tensor,
        weekday: Tensor,
        strength: Tensor,
        present: Tensor,
        last: bool = True,
    ) -> Tensor:
        """Unit vectors `(users, dim)` after the last event; `(users, events, dim)` without `last`.

        The arguments are those of the graph: see `udfs.sequence.model.INPUT_NAMES`.
        """
        x = self.enter(items) * math.sqrt(items.shape[-1])
        x = x + self.gap(gap) + self.hour(hour) + self.weekday(weekday)
        x = self.dropout(x + self.strength(strength[:, :, None]))
        events = torch.arange(items.shape[1], device=items.device)
        later = events[None, :] > events[:, None]
        itself = events[None, :] == events[:, None]
        # An event that is absent sees itself, so that no row is without anything to see.
        unseen = (later[None] | ~present[:, None, :]) & ~itself[None]
        hidden = (unseen.to(items.dtype) * _HIDDEN)[:, None]
        for number, block in enumerate(self.blocks):
            x = block(x, hidden, last and number == len(self.blocks) - 1)
        found = functional.normalize(self.leave(self.after(x)), dim=-1)
        return found[:, 0] if last else found


class Network(nn.Module):
    """Both halves, and the factor between their cosines and logarithms of chances."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.items = Items(shape)
        self.users = Users(shape)
        self.log_scale = nn.Parameter(torch.tensor(math.log(12.0)))

    @property
    def scale(self) -> Tensor:
        """What a cosine is multiplied by; at most 50."""
        return self.log_scale.exp().clamp(max=50.0)
