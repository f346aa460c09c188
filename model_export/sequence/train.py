"""Trains a network to tell the next item from others, the same way for the same seed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model_export.sequence.interactions import Interactions, Ints
from model_export.sequence.network import Network
from model_export.sequence.windows import Windows, training_windows
from udfs.sequence.features import features_of

BATCH = 64
"""Windows of a step."""
OTHERS = 2048
"""Items that the next one is told from, drawn for each step; all where there are no more."""
_POWER = 0.75
"""Items are drawn by their number of interactions to this power."""
_TEXT_ALONE = 0.25
"""Share of the items of a step whose own vector is left out, so that the text alone says enough
of an item that is new."""
_RATE = 2e-3
_DECAY = 1e-3
_WARM_UP_SHARE = 0.05
_CHECK_STEPS = 20
"""Steps between two reports."""


@dataclass(frozen=True, slots=True)
class Trained:
    """How a training went."""

    steps: int
    cut_off: bool
    """Whether time ended before the steps did: such a model cannot be made again."""
    loss: float
    """Mean of the last tenth of the steps, in nats."""


def train(
    network: Network,
    known: Interactions,
    *,
    epochs: int,
    seed: int,
    minutes: float,
    on_progress: Callable[[str], None] = lambda words: None,
) -> Trained:
    """Train for `epochs` passes over the interactions, or until `minutes` have passed.

    The loss is that of a softmax over the catalogue. Where the catalogue is large, its sum is
    estimated from `OTHERS` items that are drawn by how often they occur, each weighed by the
    inverse of its chance, so that being popular is no merit in itself (Bengio and Senecal, 2008).
    """
    windows = training_windows(known, network.shape.max_events)
    steps = epochs * -(-len(windows.at) // BATCH)
    if not steps:
        return Trained(0, False, float("nan"))
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    drawn = _Draws(known, len(known.item_ids), generator)
    texts = torch.from_numpy(known.texts.astype(np.float32))
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    network.train()
    losses: list[float] = []
    end = time.monotonic() + minutes * 60
    for rows in _batches(len(windows.at), epochs, seed):
        if time.monotonic() > end:
            break
        loss = _loss(network, windows.take(rows), texts, drawn, generator)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if len(losses) % _CHECK_STEPS == 0:
            recent = float(np.mean(losses[-_CHECK_STEPS:]))
            on_progress(f"step {len(losses):,} of {steps:,}, loss {recent:.3f}")
    network.eval()
    tenth = max(1, len(losses) // 10)
    loss_now = float(np.mean(losses[-tenth:])) if losses else float("nan")
    return Trained(len(losses), len(losses) < steps, loss_now)


class _Draws:
    """The items that the next one is told from."""

    def __init__(self, known: Interactions, items: int, generator: torch.Generator) -> None:
        counts = np.bincount(known.item, minlength=items).astype(np.float64)
        self.occurs = torch.from_numpy(counts > 0)
        """`(items,)`: whether an item occurs, and has a vector of its own."""
        self._all = items <= OTHERS
        self._generator = generator
        chance = (counts + 1) ** _POWER
        self._chance = torch.from_numpy(chance / chance.sum())
        self._items = items

    def draw(self) -> tuple[Tensor, Tensor]:
        """Items `(n,)`, and what is taken off their logarithms `(n,)`: that of how many of each
        are expected."""
        if self._all:
            return torch.arange(self._items), torch.zeros(self._items)
        drawn = torch.multinomial(self._chance, OTHERS, replacement=True, generator=self._generator)
        return drawn, torch.log(self._chance[drawn] * OTHERS).float()


def _loss(
    network: Network,
    windows: Windows,
    texts: Tensor,
    draws: _Draws,
    generator: torch.Generator,
) -> Tensor:
    """The mean over all interactions that have one before them."""
    item = windows.item
    features = features_of(windows.history)
    others, expected = draws.draw()
    # Every item of the step is computed once.
    distinct, place = np.unique(np.concatenate([item.ravel(), others.numpy()]), return_inverse=True)
    rows = torch.from_numpy(distinct)
    alone = torch.rand(len(rows), generator=generator) < _TEXT_ALONE
    numbers = torch.where(alone | ~draws.occurs[rows], network.shape.items, rows)
    vectors = network.items(texts[rows], numbers)
    place_of = torch.from_numpy(place)
    told = place_of[: item.size].reshape(item.shape)
    inputs = [
        torch.from_numpy(getattr(features, name)[:, :-1])
        for name in ("gap", "hour", "weekday", "strength", "present")
    ]
    users = network.users(vectors[told[:, :-1]], *inputs, last=False)
    asked = inputs[-1] & torch.from_numpy(windows.present[:, 1:])
    user, answer = users[asked], told[:, 1:][asked]
    right = network.scale * (user * vectors[answer]).sum(dim=1)
    other = place_of[item.size :]
    logits = network.scale * (user @ vectors[other].T) - expected
    logits = logits.masked_fill(other[None, :] == answer[:, None], -1e4)
    return functional.softplus(torch.logsumexp(logits, dim=1) - right).mean()


def _rate(step: int, steps: int) -> float:
    rising = max(1, int(steps * _WARM_UP_SHARE))
    if step < rising:
        return (step + 1) / rising
    return max(0.02, (steps - step) / max(1, steps - rising))


def _batches(windows: int, epochs: int, seed: int) -> Iterator[Ints]:
    rng = np.random.default_rng([seed, 23])
    for _ in range(epochs):
        order = rng.permutation(windows)
        for begin in range(0, windows, BATCH):
            yield order[begin : begin + BATCH]
