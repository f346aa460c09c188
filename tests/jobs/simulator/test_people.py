"""True interests over time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.simulator.people import Favourite, Person, make_people

DAY_MS = 86_400_000
START, END = 1_700_000_000_000, 1_700_000_000_000 + 30 * DAY_MS


@given(st.integers(START, END), st.integers(0, 50))
def test_shares_of_a_persons_interests_add_up_to_one(time_ms: int, seed: int) -> None:
    for person in make_people(seed, 5, START, END).values():
        shares = person.interests_at(time_ms)
        if time_ms >= person.joined_ms:
            assert sum(shares.values()) == pytest.approx(1.0)
        assert not set(shares) & set(person.dislikes)


def test_a_favourite_that_fades_gives_way_to_the_new_one() -> None:
    person = Person(
        "u",
        (
            Favourite("chess", 1.0, fades_from_ms=START, half_life_ms=DAY_MS),
            Favourite("beekeeping", 1.0, since_ms=START),
        ),
    )
    assert person.interests_at(START - 1) == {"chess": 1.0}
    assert person.interests_at(START + DAY_MS) == pytest.approx(
        {"chess": 1 / 3, "beekeeping": 2 / 3}
    )
    assert person.interests_at(START + 10 * DAY_MS) == {"beekeeping": 1.0}


def test_some_people_drift_some_join_in_the_middle_and_some_dislike() -> None:
    people = make_people(1, 500, START, END).values()
    drifting = [p for p in people if any(f.fades_from_ms is not None for f in p.favourites)]
    assert 0.25 < len(drifting) / 500 < 0.45
    assert 0.05 < sum(p.joined_ms > START for p in people) / 500 < 0.3
    assert sum(bool(p.dislikes) for p in people) > 200
