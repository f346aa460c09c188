"""`interestream ask`: an answer, and a conversation in a file."""

from pathlib import Path

import orjson
import psycopg

from tests.jobs.asking.catalogue import ITEMS, fill
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

    # What cannot be answered is told: no such row, an unknown word, a filter that nothing passes.
    out, _ = cli.run("ask", "more like the second", *common)
    assert f"like: {ITEMS[found['conversation']['items'][1]].title}" in out
    _, notes = cli.run("ask", "more like number 99", *encoder)
    assert "there is no row 99 in a list before" in notes
    out, notes = cli.run("ask", "骑鲸鱼", *encoder)
    assert "Nothing was found: no word of the request is known to the encoder." in out
    assert "'骑鲸鱼' is not known" in notes
    out, _ = cli.run("ask", "soap under 0.25 euros", *encoder)
    assert "price max 0.25" in out
    assert "Nothing was found: no item passes" in out

    # What cannot be asked is one sentence, whoever finds it.
    for wrong, sentence in (
        (("books", "--space", "9"), "9"),
        (("books", "--k", "5000"), "less than or equal to 1000"),
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
