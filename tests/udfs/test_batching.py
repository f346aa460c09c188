import random

import pytest

from udfs.batching import plan_batches


@pytest.mark.parametrize("seed", range(20))
def test_every_text_is_in_one_batch_within_the_bounds(seed):
    rng = random.Random(seed)
    lengths = [rng.randint(1, 100) for _ in range(rng.randint(1, 200))]
    size, tokens = rng.randint(1, 40), rng.randint(50, 2000)
    batches = plan_batches(lengths, size, tokens)
    assert sorted(position for batch in batches for position in batch) == [*range(len(lengths))]
    for batch in batches:
        inside = [lengths[position] for position in batch]
        assert len(batch) <= size
        assert len(batch) == 1 or len(batch) * max(inside) <= tokens
        assert min(inside) == max(inside)


def test_a_text_longer_than_a_whole_batch_is_run_alone():
    assert plan_batches([500, 20, 20], batch_size=8, max_batch_tokens=100) == [[1, 2], [0]]


def test_nothing_needs_no_batch():
    assert plan_batches([], batch_size=8, max_batch_tokens=100) == []
