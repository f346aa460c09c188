"""ask_items(): what is wanted in, what is refused out, and nothing else pushed away."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    add_item,
    add_items,
    copy_items,
    interact,
    seeded,
    set_window,
    settle_groups,
    stored,
    unit,
)

AXES = np.eye(8, dtype=np.float32)
WANTED, REFUSED, TASTE, OTHER = AXES[:4]


def ask(db, wanted=None, refused=(), k=10, **named):
    """Rows (item, score, similarity, refused) of the answer."""
    named = {"p_k": k, **named}
    arguments = "".join(f", {name} => %({name})s" for name in named)
    return db.execute(
        "SELECT item_id, score, similarity, refused FROM interestream.ask_items("
        f"%(wanted)s::real[], %(refused)s::real[]{arguments}) ORDER BY rank",
        {
            "wanted": None if wanted is None else list(map(float, wanted)),
            "refused": [list(map(float, each)) for each in refused],
            **named,
        },
    ).fetchall()


def ids(rows):
    return [row[0] for row in rows]


def test_what_is_wanted_comes_by_cosine(shop):
    vectors = seeded(60)
    add_items(shop, vectors)
    query = seeded(1, seed=5)[0]
    best = np.argsort(-(vectors @ query))[:10]
    rows = ask(shop, query)
    assert ids(rows) == [f"i{number}" for number in best]
    np.testing.assert_allclose([row[2] for row in rows], (vectors @ query)[best], atol=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_that_of_a_computation_over_all_items(shop, seed):
    vectors = seeded(300, seed=seed)
    add_items(shop, vectors)
    query, *refused = seeded(3, seed=seed + 100)
    similarity = vectors @ query
    nearest = np.max(vectors @ np.array(refused).T, axis=1)
    score = similarity - 1.0 * np.maximum(nearest - 0.2, 0)
    kept = nearest < np.maximum(0.2, similarity)
    best = [number for number in np.argsort(-score) if kept[number]][:10]
    rows = ask(shop, query, refused)
    assert ids(rows) == [f"i{number}" for number in best]
    np.testing.assert_allclose([row[1] for row in rows], score[best], atol=3e-3)


def test_what_is_nearer_to_the_refused_than_to_the_wanted_is_out(shop):
    add_item(shop, "wanted", unit(WANTED + 0.1 * OTHER))
    add_item(shop, "both", unit(WANTED + 0.6 * REFUSED))
    add_item(shop, "refused", unit(0.6 * WANTED + REFUSED))
    assert ids(ask(shop, WANTED)) == ["wanted", "both", "refused"]
    assert ids(ask(shop, WANTED, [REFUSED])) == ["wanted", "both"]


def test_an_item_that_has_nothing_to_do_with_the_refused_keeps_its_score(shop):
    add_item(shop, "far", unit(WANTED + 0.1 * REFUSED + 0.5 * OTHER))
    add_item(shop, "near", unit(WANTED + 0.5 * REFUSED))
    before = {row[0]: row[1] for row in ask(shop, WANTED)}
    after = {row[0]: row[1] for row in ask(shop, WANTED, [REFUSED])}
    assert after["far"] == before["far"]
    # Its cosine with the refused is 0.447, of which 0.2 are nobody's.
    assert after["near"] == pytest.approx(before["near"] - (0.5 / np.sqrt(1.25) - 0.2), abs=3e-3)


def test_weight_0_of_what_is_refused_changes_nothing(shop):
    vectors = seeded(40)
    add_items(shop, vectors)
    plain = [row[:3] for row in ask(shop, vectors[0])]
    assert [row[:3] for row in ask(shop, vectors[0], [vectors[1]], p_refuse=0)] == plain


def test_refused_items_in_front_do_not_starve_the_answer(shop):
    rng = np.random.default_rng(3)
    near = unit(WANTED + 1.2 * REFUSED + 0.05 * rng.standard_normal((2000, 8)).astype(np.float32))
    far = unit(WANTED + 2.0 * OTHER + 0.05 * rng.standard_normal((30, 8)).astype(np.float32))
    copy_items(shop, stored(np.concatenate([near, far])), [["x"]] * 2030)
    rows = ask(shop, WANTED, [REFUSED])
    assert len(rows) == 10
    assert all(int(row[0][1:]) >= 2000 for row in rows)


def test_a_user_is_spared_what_was_seen_and_leans_to_their_taste(shop):
    add_item(shop, "seen", WANTED)
    add_item(shop, "left", unit(WANTED + 0.5 * OTHER))
    add_item(shop, "right", unit(WANTED + 0.5 * TASTE))
    interact(shop, "ann", "seen", "view")
    set_window(shop, "ann", "recent", TASTE)
    rows = ask(shop, WANTED, p_user="ann")
    cosine = 1 / np.sqrt(1.25)
    assert ids(rows) == ["right", "left"]
    assert rows[0][1] == pytest.approx(cosine + 0.15 * cosine / 2, abs=2e-3)


def test_without_anything_wanted_the_users_taste_answers(shop):
    add_item(shop, "right", unit(TASTE + 0.1 * OTHER))
    add_item(shop, "wrong", unit(TASTE + 2 * REFUSED))
    set_window(shop, "ann", "recent", TASTE)
    assert ids(ask(shop, None, [REFUSED], p_user="ann")) == ["right"]


def test_without_anything_wanted_and_no_taste_something_answers_all_the_same(shop):
    add_item(shop, "right", OTHER)
    add_item(shop, "wrong", REFUSED)
    assert ids(ask(shop, None, [REFUSED])) == ["right"]
    assert ids(ask(shop, None, [REFUSED], p_user="nobody")) == ["right"]


def test_items_to_be_like_lead_and_are_not_in_the_answer(shop):
    add_item(shop, "a", WANTED)
    add_item(shop, "b", unit(TASTE + 0.2 * OTHER))
    add_item(shop, "c", unit(TASTE + WANTED))
    add_item(shop, "d", TASTE)
    assert ids(ask(shop, None, p_like=["d"])) == ["b", "c", "a"]
    # The middle of both, when a text is wanted as well.
    assert ids(ask(shop, WANTED, p_like=["d"]))[0] == "c"
    (reason,) = shop.execute(
        "SELECT reason FROM interestream.ask_items(p_like => '{d}', p_k => 1)"
    ).fetchone()
    assert reason == 'Fits what you asked for, like "Title d".'


def test_a_row_that_is_only_the_nearest_says_so(shop):
    add_item(shop, "fits", unit(WANTED + 2 * OTHER))  # a cosine of 0.447
    add_item(shop, "nearest", unit(WANTED + 3 * OTHER))  # 0.316
    rows = shop.execute(
        "SELECT item_id, reason FROM interestream.ask_items(%s::real[]) ORDER BY rank",
        [WANTED.tolist()],
    ).fetchall()
    assert rows == [("fits", "Fits what you asked for."), ("nearest", "The nearest that there is.")]


def test_items_to_be_unlike_push_away_and_are_not_in_the_answer(shop):
    add_item(shop, "a", unit(WANTED + 1.2 * OTHER))
    add_item(shop, "b", unit(WANTED + REFUSED))
    add_item(shop, "c", REFUSED)
    add_item(shop, "d", unit(WANTED + 0.1 * REFUSED + 2 * OTHER))
    rows = ask(shop, WANTED, p_unlike=["c"])
    assert ids(rows) == ["a", "d", "b"]
    cosine = 1 / np.sqrt(2)
    assert rows[2][1] == pytest.approx(cosine - (cosine - 0.4), abs=3e-3)
    assert rows[1][1] == pytest.approx(1 / np.sqrt(5.01), abs=3e-3)


def test_a_refused_word_in_the_title_is_out_unless_the_title_does_without_it(shop):
    titles = {
        "plain": "Gentle shampoo",
        "one": "Shampoo with sulfate",
        "many": "Sulfates and more",
        "free": "Sulfate-free shampoo",
        "without": "Shampoo without sulfates",
        "part": "Sulfateless shampoo",
    }
    for item, title in titles.items():
        add_item(shop, item, WANTED, title=title)
    rows = ask(
        shop, WANTED, p_refused_words=["sulfate"], p_absences=["{}-free", "{} free", "without {}"]
    )
    assert [set(ids(rows)[:2]), set(ids(rows)[2:])] == [{"free", "without"}, {"plain", "part"}]
    assert [row[1] for row in rows] == pytest.approx([1.1, 1.1, 1.0, 1.0], abs=2e-3)


def test_what_does_without_the_refused_is_not_pushed_away_though_its_vector_is_near(shop):
    add_item(shop, "free", unit(0.5 * WANTED + REFUSED), title="Sulfate-free shampoo")
    add_item(shop, "with", unit(0.5 * WANTED + REFUSED), title="Shampoo with power")
    rows = ask(
        shop, WANTED, [REFUSED], p_refused_words=["sulfate"], p_absences=["{}-free", "{} free"]
    )
    assert ids(rows) == ["free"]


def test_a_filter_and_excluded_items_leave_out_what_they_name(shop):
    add_item(shop, "a", WANTED, categories=["x"])
    add_item(shop, "b", WANTED, categories=["y"])
    add_item(shop, "c", WANTED, categories=["y"])
    rows = shop.execute(
        "SELECT item_id FROM interestream.ask_items(%s::real[],"
        " p_filter => interestream.item_filter('{y}'), p_exclude => '{b}')",
        [WANTED.tolist()],
    ).fetchall()
    assert rows == [("c",)]


def test_items_of_one_group_take_one_place(shop):
    for number in range(4):
        add_item(shop, f"v{number}", WANTED, group="g")
    add_item(shop, "w", unit(WANTED + OTHER))
    settle_groups(shop)
    assert ids(ask(shop, WANTED)) == ["v0", "w"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'{1,2}'::real[]", "has 2 numbers, space 1 has 8"),
        ("NULL, '{{1,2}}'::real[]", "no array of rows of 8 numbers"),
        ("NULL, '{1,2}'::real[]", "no array of rows of 8 numbers"),
        ("p_k => 0", "0 rows"),
        ("p_personal => 2", "personal share 2"),
        ("p_refuse => -1", "weight -1"),
    ],
)
def test_what_cannot_be_asked_is_a_clear_error(shop, arguments, message):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
        shop.execute(f"SELECT * FROM interestream.ask_items({arguments})")


def test_an_unknown_item_to_be_like_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.NoDataFound, match="'nothing' has no vector"):
        shop.execute("SELECT * FROM interestream.ask_items(p_like => '{nothing}')")
