"""recommend_variants(): each user's list is that of the user's variant, and says so."""

import psycopg
import pytest

from tests.sql.builders import add_items, add_vector, seeded, set_window
from tests.sql.experiments import BOLD, PLAIN, start, variant_of

USERS = [f"user{number}" for number in range(18)]


def ids(db: psycopg.Connection, call: str) -> list[str]:
    rows = db.execute(f"SELECT item_id FROM interestream.{call} ORDER BY rank".encode())
    return [item for (item,) in rows.fetchall()]


@pytest.fixture
def crowd(shop):
    add_items(shop, seeded(120))
    for user, vector in zip(USERS, seeded(len(USERS), seed=1), strict=True):
        set_window(shop, user, "recent", vector)
    return shop


def lists(db, users=USERS, more=""):
    """Items by user, in order of rank, and the variants that the rows name."""
    found: dict[str, list[str]] = {}
    named: dict[str, set[str | None]] = {}
    for user, rank, item, variant in db.execute(
        "SELECT user_id, rank, item_id, parts ->> 'variant'"
        f" FROM interestream.recommend_many(%s, 6{more})".encode(),
        [users],
    ):
        found.setdefault(user, []).append(item)
        named.setdefault(user, set()).add(variant)
        assert rank == len(found[user])
    return found, named


def test_each_user_gets_the_list_of_the_variant(crowd):
    plain, _ = lists(crowd, more=", p_diversity => 0.3")
    bold, _ = lists(crowd, more=", p_diversity => 1")
    start(crowd, PLAIN | {"share": 0.4}, BOLD | {"share": 0.4})
    variants = {user: variant_of(crowd, user) for user in USERS}
    assert set(variants.values()) == {"plain", "bold", None}
    found, named = lists(crowd)
    for user, variant in variants.items():
        assert found[user] == (bold if variant == "bold" else plain)[user]
        assert named[user] == {None if variant is None else f"trial/{variant}"}
        assert lists(crowd, [user]) == ({user: found[user]}, {user: named[user]})


def test_users_keep_their_order(crowd):
    start(crowd)
    asked = ["user9", "user2", "nobody", "user11", "user3"]
    assert list(lists(crowd, asked)[0]) == asked


def test_what_the_caller_gives_goes_before_the_variant(crowd):
    before, _ = lists(crowd, more=", p_diversity => 0.8")
    start(crowd)
    found, named = lists(crowd, more=", p_diversity => 0.8")
    assert found == before
    assert set.union(*named.values()) == {None}


def test_a_variant_may_have_a_space_of_its_own(crowd):
    crowd.execute(
        "SELECT interestream.create_space('other', '2', 'bb', 8, %s::real[], false)", [[0.0] * 8]
    )
    for number, vector in enumerate(seeded(120)[::-1]):
        add_vector(crowd, f"i{number}", vector, space=2)
    for user, vector in zip(USERS, seeded(len(USERS), seed=1), strict=True):
        set_window(crowd, user, "recent", vector, space=2)
    one, _ = lists(crowd)
    two, _ = lists(crowd, more=", p_space => 2")
    start(crowd, PLAIN, {"variant": "other", "share": 0.5, "space": 2})
    found, named = lists(crowd)
    for user in USERS:
        assert found[user] == (two if variant_of(crowd, user) == "other" else one)[user]
    assert set.union(*named.values()) == {"trial/plain", "trial/other"}
