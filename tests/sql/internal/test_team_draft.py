"""team_draft(): two lists become one, as captains pick teams."""

import hashlib

import numpy as np


def draft(db, first, second, k, coins="c"):
    return db.execute(
        "SELECT rank, team, place FROM interestream.team_draft(%s::text[], %s::text[], %s, %s)",
        [first, second, k, coins],
    ).fetchall()


def by_hand(first: list[str], second: list[str], k: int, coins: str) -> list[tuple[str, int]]:
    """The same in other words: rounds in which each team picks once, in an order by coin."""
    lists = {1: list(first), 2: list(second)}
    taken: list[tuple[str, int]] = []
    turn = 0
    while len(taken) < k and (lists[1] or lists[2]):
        heads = hashlib.sha256(f"{coins}:{turn}".encode()).digest()[0] % 2 == 0
        for team in (1, 2) if heads else (2, 1):
            names = [name for name, _ in taken]
            lists = {n: [x for x in own if x not in names] for n, own in lists.items()}
            if lists[team] and len(taken) < k:
                taken.append((lists[team][0], team))
        turn += 1
    return taken


def test_the_list_is_that_of_rounds_in_which_each_team_picks_once(db):
    for seed in range(30):
        rng = np.random.default_rng(seed)
        names = [f"i{n}" for n in range(14)]
        first, second = rng.permutation(names)[:10].tolist(), rng.permutation(names)[:10].tolist()
        rows = draft(db, first, second, 10, str(seed))
        picked = [((first, second)[team - 1][place - 1], team) for _, team, place in rows]
        assert picked == by_hand(first, second, 10, str(seed))
        assert [rank for rank, *_ in rows] == list(range(1, 11))


def test_equal_lists_stay_as_they_are_and_share_the_credit(db):
    rows = draft(db, list("abcdef"), list("abcdef"), 6)
    assert [place for *_, place in rows] == [1, 2, 3, 4, 5, 6]
    assert sorted(team for _, team, _ in rows) == [1, 1, 1, 2, 2, 2]


def test_coins_are_fair(db):
    firsts = [draft(db, ["a"], ["b"], 1, str(n))[0][1] for n in range(400)]
    assert 160 <= firsts.count(1) <= 240  # four standard deviations


def test_a_team_whose_list_ends_leaves_the_rest_to_the_other(db):
    rows = draft(db, ["a"], ["b", "c", "d"], 4)
    assert sorted((team, place) for _, team, place in rows) == [(1, 1), (2, 1), (2, 2), (2, 3)]
    assert draft(db, [], [], 4) == []
