"""`interestream ask`: an answer, and a conversation in a file."""

from pathlib import Path

import orjson
import psycopg

from tests.jobs.asking.catalogue import fill
from tests.jobs.cli.conftest import CommandLine


def test_a_request_is_answered_and_a_follow_up_stands_on_the_file(
    cli: CommandLine, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    with psycopg.connect(dsn) as db:
        fill(db, bundle_dir)
    talk = tmp_path / "talk.json"
    (tmp_path / "events").mkdir()
    encoder = ("--set", f"encoder.bundle={bundle_dir}")
    common = (*encoder, "--conversation", str(talk))

    text = "a film about space, no horror, under 90 minutes"
    feeding = ("--user", "ada", "--streams", str(tmp_path))
    out, notes = cli.run("ask", text, *common, *feeding, "-k", "4")
    assert "wanted: film about space" in out
    assert "refused: horror" in out
    assert "not categories: Horror" in out
    assert "Astronauts on the Moon" in out
    assert "haunted" not in out
    assert "holds the duration" in notes
    (file,) = (tmp_path / "events").glob("[!.]*")
    assert orjson.loads(file.read_bytes())["text"] == "film about space"

    shown = orjson.loads(talk.read_bytes())["items"]
    found = cli.json("ask", "show me more", *common)
    assert found["understood"]["refused"] == ["horror"]
    assert not {row["item_id"] for row in found["rows"]} & {*shown}
    assert found["conversation"]["excluded"] == shown

    chinese = cli.json("ask", "喜剧", *encoder)
    assert chinese["rows"][0]["reason"] == "符合你的要求。"

    # What cannot be asked is one sentence, whoever finds it.
    for wrong, sentence in (
        (("books", "--space", "9"), "9"),
        (("books", "--k", "5000"), "5000 is not in the range"),
        (("",), "the request has no words"),
        (("   ",), "the request has no words"),
    ):
        _, error = cli.run("ask", *wrong, *encoder, code=2)
        assert sentence in error

    talk.write_text("[]")
    _, error = cli.run("ask", "more", *common, code=2)
    assert "the conversation is not what an answer gave" in error
    _, error = cli.run("ask", "more", "--set", f"encoder.bundle={tmp_path}", code=2)
    assert "need the bundle of the space" in error
