"""shared_places(): shares as sets of places, of which as few as possible change hands."""

import numpy as np
import pytest

Places = list[set[int]]


def share(db, held, shares):
    texts = ["{" + ",".join(f"[{n},{n + 1})" for n in sorted(own)) + "}" for own in held]
    (found,) = db.execute(
        "SELECT interestream.shared_places(%s::int4multirange[], %s::float8[])", [texts, shares]
    ).fetchone()
    return [{n for part in own for n in range(part.lower, part.upper)} for own in found]


def test_shares_have_their_places_and_no_two_the_same(db):
    found = share(db, [set(), set(), set()], [0.5, 0.25, 0.0001])
    assert [len(own) for own in found] == [5_000, 2_500, 1]
    assert len(set.union(*found)) == 7_501


@pytest.mark.parametrize("seed", range(8))
def test_no_user_moves_who_need_not(db, seed):
    rng = np.random.default_rng(seed)
    held: Places = [set(), set(), set()]
    for _ in range(5):
        shares = (rng.dirichlet([1, 1, 1, 1])[:3]).round(4).tolist()
        after = share(db, held, shares)
        assert [len(own) for own in after] == [round(10_000 * one) for one in shares]
        for before, own in zip(held, after, strict=True):
            assert own >= before or own <= before  # grows or shrinks, and exchanges nothing
        held = after
