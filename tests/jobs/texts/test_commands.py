"""The commands of `interestream topics` and `interestream sentiment`."""

import json

import pytest
from typer.testing import CliRunner

from jobs.cli import app


@pytest.fixture
def interestream(dsn, bundle_dir, built):
    """Runs a command against the built space; returns (exit code, output)."""

    def run(*arguments: str, bundle: bool = True, registry: str = "") -> tuple[int, str]:
        bundle_option = ["--bundle", str(bundle_dir)] if bundle else []
        environment = {
            "INTERESTREAM_DSN": dsn,
            "INTERESTREAM_REGISTRY": registry,
            "COLUMNS": "200",
        }
        done = CliRunner().invoke(app, [*arguments, *bundle_option], env=environment)
        return done.exit_code, done.output

    return run


def test_a_topic_is_set_and_listed_as_encoded(interestream, built):
    db, space_id = built
    code, output = interestream("topics", "set", "tea", "green tea", "teapots and kettles")
    assert (code, output.split("\n")[:2]) == (
        0,
        [f"space {space_id}: 0 sentences and 1 topics encoded", "  tea"],
    )
    db.execute("INSERT INTO interestream.topics VALUES ('kites', '{flying a kite}')")
    code, output = interestream("topics", "list", bundle=False)
    rows = {
        line.split("│")[1].strip(): line.split("│")[-2].strip()
        for line in output.splitlines()
        if "│" in line
    }
    assert code == 0
    assert (rows["tea"], rows["music"], rows["kites"]) == ("yes", "yes", "no")
    assert "  kites" in interestream("topics", "sync")[1]


def test_sync_encodes_sentences_that_were_added_by_sql(interestream, built):
    db, space_id = built
    db.execute(
        "INSERT INTO interestream.sentiment_prototypes (space_id, language, polarity, text)"
        " VALUES (%s, 'en', -1, 'The tea tastes of soap.')",
        [space_id],
    )
    assert "1 sentences and 0 topics" in interestream("sentiment", "sync")[1]
    assert "0 sentences and 0 topics" in interestream("sentiment", "sync")[1]


def test_texts_are_judged_one_per_line(interestream):
    code, output = interestream(
        "sentiment", "judge", "What a lovely teapot!", "The worst tea ever."
    )
    liked, disliked = output.splitlines()
    assert code == 0
    assert (liked[0], liked[7:]) == ("+", "What a lovely teapot!")
    assert (disliked[0], disliked[7:]) == ("-", "The worst tea ever.")


def test_the_list_shows_what_topics_are_encoded_from(interestream, built):
    db, _ = built

    def listed() -> dict[str, list[str]]:
        rows = json.loads(interestream("topics", "list", "--json", bundle=False)[1])
        return {row["topic"]: row["texts"] for row in rows}

    assert listed()["music"][0] == "songs, albums and bands"
    db.execute("UPDATE interestream.topic_vectors SET languages = '{zh}'")
    assert listed()["music"][0] == "歌曲、专辑和乐队"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder without the bundle that commands use where none is named."""
    monkeypatch.chdir(tmp_path)


def test_without_a_bundle_the_one_of_the_space_is_taken_from_the_registry(
    interestream, built, bundle_dir, elsewhere
):
    registry = str(bundle_dir.parents[1])
    code, output = interestream(
        "topics", "set", "tea", "green tea", bundle=False, registry=registry
    )
    assert (code, output.splitlines()[-1]) == (0, "  tea")
    code, output = interestream(
        "sentiment", "judge", "The worst tea ever.", bundle=False, registry=registry
    )
    assert (code, output[0]) == (0, "-")


@pytest.mark.parametrize("registry", ["", "empty"])
def test_a_topic_that_cannot_be_encoded_is_not_left_behind(
    interestream, built, elsewhere, registry
):
    db, _ = built
    code, output = interestream(
        "topics", "set", "tea", "green tea", bundle=False, registry=registry
    )
    said = " ".join(output.split())
    assert code == 2
    assert "The topic was not changed" in said
    assert "minilm@space" in said or registry
    code, _ = interestream("topics", "set", "music", "opera", bundle=False, registry=registry)
    assert code == 2
    assert db.execute(
        "SELECT count(*) FROM interestream.topics WHERE topic = 'tea' OR texts = '{opera}'"
    ).fetchone() == (0,)


def test_without_bundle_and_registry_it_is_said_what_to_name(interestream, elsewhere):
    code, output = interestream("sentiment", "judge", "Nice.", bundle=False)
    said = " ".join(output.split())
    assert code == 2
    assert "was built with the bundle minilm" in said
    assert "--bundle FOLDER, or set INTERESTREAM_REGISTRY" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("topics", "set", "other", "anything"),
        ("topics", "sync", "--space-id", "99"),
        ("topics", "sync", "--dsn", "postgresql://nobody@127.0.0.1:1/nowhere"),
    ],
)
def test_a_command_that_fails_exits_with_2_and_a_message(interestream, arguments):
    code, output = interestream(*arguments)
    assert code == 2
    assert "It did not work" in output
    assert "Traceback" not in output
