"""similar_users(): users by the cosine of their windows, against numpy."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    add_actions,
    add_items,
    add_space,
    clustered,
    copy_items,
    hours_ago,
    interact,
    seeded,
    set_interests,
    set_window,
    stored,
    text,
    unit,
)

SIMILAR = "SELECT * FROM interestream.similar_users(%s, %s)"


def add_user(db, user, *, space=1, **windows):
    set_interests(db, user, ["i0"], space=space)
    for kind, vector in windows.items():
        set_window(db, user, kind, vector, space=space)


def test_users_come_by_the_cosine_of_all_their_windows(shop):
    recent, month = seeded(50, seed=1), seeded(50, seed=2)
    for number in range(50):
        add_user(shop, f"u{number}", recent=recent[number], month=month[number])
    rows = shop.execute(SIMILAR, ["u7", 10]).fetchall()
    blends = stored(unit(0.5 * recent + 0.1 * month))
    similarity = blends @ blends[7]
    similarity[7] = -np.inf
    best = np.argsort(-similarity)[:10]
    assert [row[1] for row in rows] == [f"u{number}" for number in best]
    assert [row[0] for row in rows] == list(range(1, 11))
    np.testing.assert_allclose([row[2] for row in rows], similarity[best], atol=2e-3)


def test_the_reason_is_what_both_liked_last(shop):
    axes = np.eye(8, dtype=np.float32)
    add_items(shop, seeded(5))
    for user in ("ann", "bob", "eve"):
        add_user(shop, user, recent=axes[0])
    for hours, item in ((5, "i1"), (3, "i2"), (1, "i3")):
        interact(shop, "ann", item, "like", at=hours_ago(hours))
    interact(shop, "bob", "i1", "like")
    interact(shop, "bob", "i2", "like", at=hours_ago(9))
    interact(shop, "bob", "i3", "dislike")
    rows = {row[1]: row[3:] for row in shop.execute(SIMILAR, ["ann", 5]).fetchall()}
    assert rows["bob"] == (2, 'Likes things you like, like "Title i2".', "i2", "Title i2")
    assert rows["eve"] == (0, "Has similar interests.", None, None)


def test_a_user_without_windows_has_nobody_and_is_nobodys(shop):
    add_user(shop, "ann", recent=seeded(1)[0])
    add_user(shop, "idle", dislikes=seeded(1)[0])
    assert shop.execute(SIMILAR, ["idle", 5]).fetchall() == []
    assert shop.execute(SIMILAR, ["nobody", 5]).fetchall() == []
    assert shop.execute(SIMILAR, ["ann", 5]).fetchall() == []


def test_another_space_has_other_users(shop):
    second = add_space(shop, dim=4, sha256="bb")
    add_user(shop, "ann", recent=seeded(1)[0])
    add_user(shop, "ann", space=second, recent=seeded(1, dim=4)[0])
    add_user(shop, "bob", space=second, recent=seeded(1, dim=4)[0])
    assert shop.execute(SIMILAR, ["ann", 5]).fetchall() == []
    named = shop.execute(
        "SELECT user_id FROM interestream.similar_users('ann', p_space => %s)", [second]
    ).fetchall()
    assert named == [("bob",)]


def test_in_a_large_space_users_of_the_same_taste_are_found(db):
    add_actions(db)
    add_space(db, dim=32, index=False)
    vectors, labels = clustered(3000, 32, clusters=60)
    copy_items(db, vectors, [[]] * 3000)
    db.execute("SELECT interestream.index_space(1)")
    rng = np.random.default_rng(5)
    tastes = [int(rng.integers(60)) for _ in range(1500)]
    blends = []
    relations, windows = [], []
    for number, taste in enumerate(tastes):
        liked = rng.choice(np.flatnonzero(labels == taste), 8)
        blends.append(stored(unit(vectors[liked].sum(axis=0))))
        relations += [(f"u{number}", f"i{item}") for item in set(liked.tolist())]
        windows.append((f"u{number}", text(blends[-1])))
    with db.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO interestream.user_items VALUES (%s, %s, 4, now(), now(), 3, now(), 1)",
            relations,
        )
        cursor.executemany(
            "INSERT INTO interestream.user_windows VALUES (1, %s, 'recent', %s, 3, now(), 1, 1)",
            windows,
        )
    db.execute(
        "INSERT INTO interestream.users (space_id, user_id, events, last_event_at, epoch, version)"
        " SELECT 1, user_id, 8, now(), 1, 1 FROM interestream.user_windows"
    )
    matrix = np.stack(blends)
    recalls = []
    for number in range(0, 1500, 100):
        similarity = matrix @ matrix[number]
        similarity[number] = -np.inf
        wanted = {f"u{other}" for other in np.argsort(-similarity)[:10]}
        found = {row[1] for row in db.execute(SIMILAR, [f"u{number}", 10]).fetchall()}
        assert len(found) == 10
        recalls.append(len(found & wanted) / 10)
    assert np.mean(recalls) >= 0.9


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("NULL", psycopg.errors.NullValueNotAllowed),
        ("'ann', 0", psycopg.errors.InvalidParameterValue),
        ("'ann', 5, 99", psycopg.errors.UndefinedObject),
    ],
)
def test_what_cannot_be_answered_is_a_clear_error(shop, arguments, error):
    with pytest.raises(error) as caught:
        shop.execute(f"SELECT interestream.similar_users({arguments})")
    assert caught.value.diag.message_hint
