"""The commands of `interestream topics` and `interestream sentiment`."""

import pytest
from typer.testing import CliRunner

from jobs.cli import app


@pytest.fixture
def interestream(dsn, bundle_dir, built):
    """Runs a command against the built space; returns (exit code, output)."""

    def run(*arguments: str, bundle: bool = True) -> tuple[int, str]:
        bundle_option = ["--bundle", str(bundle_dir)] if bundle else []
        done = CliRunner().invoke(
            app, [*arguments, *bundle_option], env={"INTERESTREAM_DSN": dsn, "COLUMNS": "200"}
        )
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
