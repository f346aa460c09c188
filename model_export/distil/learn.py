"""Teach a student the teacher's vectors, the same way for the same seed."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.quantise.weights import Floats
from udfs.batching import pad

BATCH = 64
_SORTED_BATCHES = 16
"""Batches that are filled together, so that texts of similar length share one."""
_WARM_UP_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Learned:
    """How learning went."""

    steps: int
    cut_off: bool
    """Whether processor time ended before the steps did: such a student cannot be made again."""
    first_loss: float
    """`1 - cosine` with the teacher, mean of the first tenth of the steps."""
    last_loss: float
    """Of the last tenth."""


Forward = Callable[[Tensor, Tensor], Tensor]
"""Ids and mask `(batch, tokens)` to unit vectors `(batch, dim)`."""


def learn(
    forward: Forward,
    optimisers: Sequence[torch.optim.Optimizer],
    token_ids: Sequence[Sequence[int]],
    targets: Floats,
    *,
    pad_token_id: int,
    steps: int,
    seed: int,
    max_cpu_s: float,
    on_step: Callable[[int], None] = lambda step: None,
) -> Learned:
    """Train `forward` for `steps` batches to give `targets`, and return how that went.

    `targets` `(texts, dim)` have norm 1; the loss is `1 - cosine`. Learning rates rise for a tenth
    of the steps, then fall to 0. Learning ends early after `max_cpu_s` of processor time.
    """
    losses: list[float] = []
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
        for optimiser in optimisers
    ]
    begin = time.process_time()
    batches = _batches([len(ids) for ids in token_ids], seed)
    for step in range(steps):
        if time.process_time() - begin > max_cpu_s:
            break
        batch = next(batches)
        ids, mask = pad([token_ids[position] for position in batch], pad_token_id)
        vectors = forward(torch.from_numpy(ids), torch.from_numpy(mask))
        loss = 1 - (vectors * torch.from_numpy(targets[batch])).sum(dim=1).mean()
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            schedule.step()
        losses.append(float(loss.detach()))
        on_step(step)
    tenth = max(1, len(losses) // 10)
    return Learned(
        len(losses),
        len(losses) < steps,
        float(np.mean(losses[:tenth])) if losses else float("nan"),
        float(np.mean(losses[-tenth:])) if losses else float("nan"),
    )


def _rate(step: int, steps: int) -> float:
    rising = max(1, int(steps * _WARM_UP_SHARE))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))


def _batches(lengths: Sequence[int], seed: int) -> Iterator[NDArray[np.intp]]:
    """Yield positions of texts in batches of similar length; all texts come before any again."""
    rng = np.random.default_rng([seed, 13])
    sizes = np.asarray(lengths)
    while True:
        order = rng.permutation(len(sizes))
        for begin in range(0, len(order), BATCH * _SORTED_BATCHES):
            some = order[begin : begin + BATCH * _SORTED_BATCHES]
            some = some[np.argsort(sizes[some], kind="stable")]
            cuts = [some[n : n + BATCH] for n in range(0, len(some), BATCH)]
            for n in rng.permutation(len(cuts)):
                yield cuts[n]
