"""group_key(): against hashlib, for texts that a cast to bytea could misread."""

import hashlib

import pytest


def key(db, item="i", group=None, title="t", body=None):
    statement = "SELECT interestream.group_key(%s, %s, %s, %s)"
    (found,) = db.execute(statement, [item, group, title, body]).fetchone()
    return found


def of(text):
    return hashlib.sha256(text.encode()).digest()[:16]


@pytest.mark.parametrize(
    "title", ["Alien", "\\x41", "a\\", "\\\\x", "naïve \u4e2d\U0001f600", "'$$"]
)
def test_it_is_a_hash_of_title_and_text(db, title):
    assert key(db, title=title) == of(f"text {len(title)} {title}")
    assert key(db, title=title, body="b\\n") == of(f"text {len(title)} {title}b\\n")


def test_a_group_id_comes_before_title_and_text(db):
    assert key(db, group="g\\1") == of("group g\\1")
    assert key(db, "other", "g", "another title", "text") == key(db, group="g")


def test_title_and_text_do_not_run_into_each_other(db):
    assert key(db, title="ab", body="c") != key(db, title="a", body="bc")
    assert key(db, title="a", body="") == key(db, title="a")
    assert key(db, group="text 1 t") != key(db)


def test_items_without_title_and_text_are_alone(db):
    assert key(db, "a", title="") != key(db, "b", title="")


def test_the_column_has_it(shop):
    shop.execute(
        "INSERT INTO interestream.items (item_id, title, body, epoch, version)"
        " VALUES ('a', 'title', 'text', 1, 1)"
    )
    (found,) = shop.execute("SELECT group_key FROM interestream.items").fetchone()
    assert found == of("text 5 titletext")
