"""Pseudonyms: what they are made of, where the key comes from, and what the clients ask by them."""

import asyncio
import hashlib
import hmac
import pickle
from pathlib import Path

import psycopg
import pytest

from interestream import AsyncRecommender, PseudonymKeyError, Pseudonyms, Recommender
from interestream.pseudonyms import KEY, KEY_FILE, read_pseudonyms
from jobs.privacy_settings import PSEUDONYM_CHARS

SECRET = "0123456789abcdef0123456789abcdef"
PSEUDONYMS = Pseudonyms(SECRET.encode())


def by_definition(user_id: str) -> str:
    """As docs/privacy.md says, with the long form of the standard library."""
    digest = hmac.new(SECRET.encode(), user_id.encode(), hashlib.sha256).digest()
    return f"ps1-{digest[:16].hex()}"


@pytest.mark.parametrize("user_id", ["ada", "böb", "7", "x" * 256, "a b\n'\"\\"])
def test_a_pseudonym_is_what_the_page_says(user_id: str) -> None:
    assert PSEUDONYMS(user_id) == by_definition(user_id)
    assert len(PSEUDONYMS(user_id)) == PSEUDONYM_CHARS


def test_another_key_makes_other_pseudonyms() -> None:
    assert Pseudonyms(b"f" * 32)("ada") != PSEUDONYMS("ada")


def test_a_pseudonym_is_its_own() -> None:
    assert PSEUDONYMS(PSEUDONYMS("ada")) == PSEUDONYMS("ada")
    almost = PSEUDONYMS("ada")[:-1]
    assert PSEUDONYMS(almost) == by_definition(almost)


def test_it_survives_pickling_and_shows_no_key() -> None:
    copied = pickle.loads(pickle.dumps(PSEUDONYMS))
    assert copied("ada") == PSEUDONYMS("ada")
    assert SECRET not in repr(PSEUDONYMS)


def test_the_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    for environ in ({KEY: SECRET}, {KEY_FILE: str(file)}):
        found = read_pseudonyms(environ)
        assert found is not None
        assert found("ada") == PSEUDONYMS("ada")
    assert read_pseudonyms({}) is None


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({KEY: "too short"}, "has 9 bytes, and needs 32"),
        ({KEY: SECRET, KEY_FILE: "/there"}, "are both set"),
        ({KEY_FILE: "/nowhere/key"}, "cannot be read: No such file or directory: /nowhere/key"),
    ],
)
def test_a_key_that_cannot_be_used_is_told(environ: dict[str, str], says: str) -> None:
    with pytest.raises(PseudonymKeyError, match=says) as raised:
        read_pseudonyms(environ)
    assert "too short" not in str(raised.value)


def test_the_clients_ask_by_the_pseudonym_and_answer_by_the_id(reader_dsn: str, dsn: str) -> None:

    with psycopg.connect(dsn) as db:
        for table in ("users", "user_windows", "user_items"):
            db.execute(
                f"UPDATE interestream.{table} SET user_id = %s WHERE user_id = 'ada'".encode(),
                (PSEUDONYMS("ada"),),
            )
    with Recommender(reader_dsn, pseudonyms=PSEUDONYMS) as named, Recommender(reader_dsn) as raw:
        known = named.user_interests("ada")
        assert known
        assert known == raw.user_interests(PSEUDONYMS("ada"))
        assert raw.user_interests("ada") == []
        many = named.recommend_many(["ada", "new"], 2)
        assert {row.user_id for row in many} == {"ada", "new"}
        assert next(iter(named.pages("ada", 5))) == raw.recommend(PSEUDONYMS("ada"), 5)

    async def ask() -> object:
        async with AsyncRecommender(reader_dsn, pseudonyms=PSEUDONYMS) as recommender:
            return await recommender.user_interests("ada")

    assert asyncio.run(ask()) == known
