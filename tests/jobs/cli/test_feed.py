"""`interestream feed` with real files, pipes and signals."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

SCRIPT = Path(sys.executable).with_name("interestream")
EVENT = (
    b'{"event_id": "%d", "user_id": "ada", "action": "view", "item_id": "1",'
    b' "event_time": 1700000000000}'
)


@pytest.fixture
def streams(tmp_path: Path) -> Path:
    for stream in ("events", "items", "control"):
        (tmp_path / "streams" / stream).mkdir(parents=True)
    return tmp_path / "streams"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "jobs.cli", "feed", *map(str, arguments)]


def feed(
    *arguments: object, given: bytes = b"", code: int = 0
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        command(*arguments),
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done


def fed(folder: Path) -> bytes:
    """All that the job would read, in the order of the files' names."""
    assert not list(folder.glob(".*")), "nothing half written is left"
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.fixture
def pipe(streams: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A feed of a pipe that stays open."""
    process = subprocess.Popen(
        command("events", "--streams", streams),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate()


def write(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def wait_for(folder: Path, content: bytes, timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while fed_so_far(folder) != content:
        assert time.monotonic() < deadline, fed_so_far(folder)
        time.sleep(0.02)


def fed_so_far(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("[!.]*")))


def test_lines_of_the_standard_input_are_fed_as_they_are(streams: Path) -> None:
    good = EVENT % 1
    done = feed("events", "--streams", streams, given=good + b"\n\n{broken\xff\r\nlast")
    assert fed(streams / "events") == good + b"\n{broken\xff\r\nlast\n"
    assert b"3 lines in 1 file went into" in done.stdout
    assert b"2 of them cannot be accepted (not_utf8 1, not_json 1)" in done.stdout
    assert b"`interestream dead-letters`" in done.stdout
    assert b"1 empty line left out" in done.stdout


def test_files_follow_each_other_and_may_be_compressed(streams: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"one\ntwo")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"three\n") + gzip.compress(b"four\n"))
    done = feed(
        "items",
        *(tmp_path / "a.jsonl", "-", tmp_path / "b.jsonl.gz"),
        *("--set", f"sources.root={streams}", "--json", "--rotate-s", 60),
        given=b"between\n",
        code=1,
    )
    assert fed(streams / "items") == b"one\ntwo\nbetween\nthree\nfour\n"
    assert json.loads(done.stdout) == {
        "stream": "items",
        "folder": str(streams / "items"),
        "lines": 5,
        "files": 1,
        "bytes": 27,
        "empty": 0,
        "cut": 0,
        "dead": 5,
        "reasons": {"not_json": 5},
    }
    assert b"none of 5 items was accepted" in done.stderr


def test_a_file_is_published_when_it_is_big_enough(streams: Path) -> None:
    feed("events", "--streams", streams, "--rotate-mb", 0.001, given=b"%099d\n" % 7 * 95, code=1)
    sizes = [file.stat().st_size for file in sorted((streams / "events").iterdir())]
    assert sizes == [1000] * 9 + [500]


def test_a_pipe_that_stays_open_is_fed_while_lines_come(
    streams: Path, pipe: subprocess.Popen[bytes]
) -> None:
    write(pipe, b"one\ntwo\nthr")
    wait_for(streams / "events", b"one\ntwo\n")
    write(pipe, b"ee\n")
    wait_for(streams / "events", b"one\ntwo\nthree\n")
    assert len(list((streams / "events").iterdir())) == 2
    out, _ = pipe.communicate(timeout=30)
    assert pipe.returncode == 1, "no line was accepted"
    assert b"3 lines in 2 files" in out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_feeds_what_was_read(
    streams: Path, pipe: subprocess.Popen[bytes], number: signal.Signals, code: int
) -> None:
    write(pipe, b"one\nwithout end")
    wait_for(streams / "events", b"one\n")
    pipe.send_signal(number)
    assert pipe.wait(timeout=30) == code
    assert fed(streams / "events") == b"one\nwithout end\n"
    assert pipe.stdout is not None
    assert b"2 lines in 2 files" in pipe.stdout.read()


def test_a_line_of_megabytes_goes_in_as_its_beginning_and_is_named(streams: Path) -> None:
    long = b'{"title": "' + b"x" * 3_000_000 + b'"}'
    done = feed("items", "--streams", streams, given=b"{}\n" + long + b"\n{}\n", code=1)
    assert fed(streams / "items") == b"{}\n" + long[:1_000_001] + b"\n{}\n"
    assert b"line 2 of standard input (3,000,013 bytes)" in done.stderr
    assert b"too_large" in done.stderr


def test_a_job_that_accepts_longer_lines_gets_them_whole(streams: Path) -> None:
    long = b"x" * 1_500_000 + b"\n"
    setting = "limits.max_line_bytes=2000000"
    done = feed("items", "--streams", streams, "--set", setting, given=long, code=1)
    assert fed(streams / "items") == long
    assert b"too_large" not in done.stdout + done.stderr


def test_a_full_disk_says_what_went_in_and_leaves_nothing_half_written(small_disk: Path) -> None:
    (small_disk / "events").mkdir()
    lines = b"x" * 999 + b"\n"
    done = feed("events", "--streams", small_disk, given=lines * 100_000, code=2)
    kept = fed(small_disk / "events")
    assert kept
    assert kept == lines * (len(kept) // 1000)
    error = done.stderr.decode()
    assert "No space left on device" in error
    assert f"{len(kept) // 1000:,} lines" in error
    assert "counts once" in error


def test_a_read_only_folder_is_refused_before_a_line_is_read(small_disk: Path) -> None:
    (small_disk / "events").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = feed("events", "--streams", small_disk, given=b"{}\n", code=2)
    assert b"Read-only file system; nothing was fed" in done.stderr


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = feed("events", "--streams", tmp_path / "steams", given=b"{}\n", code=2)
    assert b"there is no folder" in done.stderr
    assert b"mkdir -p" in done.stderr
    assert not (tmp_path / "steams").exists()
    (tmp_path / "file").touch()
    assert b"there is no folder" in feed("events", "--streams", tmp_path / "file", code=2).stderr


def test_files_that_cannot_be_read_are_named_before_anything_is_fed(
    streams: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.jsonl").write_bytes(b"{}\n")
    for bad, why in ((tmp_path / "absent", "No such file"), (tmp_path, "it is a folder")):
        done = feed("events", tmp_path / "good.jsonl", bad, "--streams", streams, code=2)
        assert why in done.stderr.decode()
        assert "nothing was fed" in done.stderr.decode()
    assert not list((streams / "events").iterdir())


def test_a_file_that_breaks_off_is_fed_up_to_there(streams: Path, tmp_path: Path) -> None:
    lines = b"".join(b"%d\n" % (n * n * 7919) for n in range(200_000))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(lines)[:-5000])
    done = feed("events", tmp_path / "cut.gz", "--streams", streams, code=2)
    kept = fed(streams / "events")
    assert lines.startswith(kept[:-1])
    assert b"cut.gz: Compressed file ended" in done.stderr
    assert f"{len(kept.splitlines()):,} lines".encode() in done.stderr


def test_a_closed_standard_input_is_said_to_be_none(streams: Path) -> None:
    line = f"{sys.executable} -m jobs.cli feed events --streams {streams} <&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"there is no standard input: name files" in done.stderr


def test_a_stream_that_does_not_exist_is_a_wrong_option(streams: Path) -> None:
    done = feed("event", "--streams", streams, code=2)
    assert b"'event' is not one of 'events', 'items', 'control'" in done.stderr


def test_two_feeds_and_a_second_run_never_use_a_name_twice(streams: Path) -> None:
    seen: set[str] = set()
    for _ in range(3):
        feed("events", "--streams", streams, given=EVENT % 1)
        (name,) = (file.name for file in (streams / "events").iterdir())
        assert name not in seen
        seen.add(name)
        (streams / "events" / name).unlink()


def test_too_many_lines_that_die_change_the_exit_code_and_are_fed_all_the_same(
    streams: Path,
) -> None:
    given = (EVENT % 1 + b"\n") * 8 + b"{\n{\n"
    for allowed, code in (("20%", 0), ("0.1", 1), ("2", 0), ("1", 1)):
        feed("events", "--streams", streams, "--max-dead", allowed, given=given, code=code)
    assert fed(streams / "events") == given * 4
    wrong = feed("events", "--streams", streams, "--max-dead", "few", given=given, code=2)
    assert b"--max-dead reads 10%, 0.1 or a number" in wrong.stderr


def test_an_action_is_unknown_only_where_the_jobs_actions_were_given(streams: Path) -> None:
    dance = EVENT.replace(b"view", b"dance") % 3
    feed("events", "--streams", streams, given=dance)
    setting = ("--set", "actions.jump.weight=1")
    done = feed("events", "--streams", streams, *setting, given=dance, code=1)
    assert b"unknown_action 1" in done.stdout


def test_a_check_names_what_the_job_would_not_accept_and_feeds_nothing(
    streams: Path, tmp_path: Path
) -> None:
    unknown = EVENT.replace(b"view", b"dance") % 3
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\n".join([EVENT % 1, b"{\x1b[2J", b"", unknown, EVENT % 4]) + b"\n")
    done = feed("events", file, "--check", code=1)
    first, second, last = done.stdout.decode().splitlines()
    assert first.startswith(f"line 2 of {file}: not_json")
    assert first.endswith(r"{\x1b[2J")
    assert second.startswith(f"line 4 of {file}: unknown_action (dance)")
    assert last == "4 lines: 2 would become dead letters; nothing was fed"
    known = feed("events", file, "--check", "--json", "--set", "actions.dance.weight=1", code=1)
    report = json.loads(known.stdout)
    assert (report["lines"], report["rejected"]) == (4, 1)
    assert [(row["number"], row["reason"]) for row in report["first"]] == [(2, "not_json")]
    assert not list((streams / "events").iterdir())


@pytest.mark.parametrize(
    ("stream", "good"),
    [
        ("events", EVENT % 1),
        ("items", orjson.dumps({"item_id": 1, "title": "Alien"})),
        ("control", orjson.dumps({"user_id": 1, "command": "forget"})),
    ],
)
def test_a_check_knows_each_stream(stream: str, good: bytes) -> None:
    done = feed(stream, "--check", given=good + b"\n" * 3)
    assert done.stdout == b"1 lines: all would be accepted; nothing was fed\n"
    assert b"too_large" in feed(stream, "--check", given=good + b" " * 70_000, code=1).stdout


def test_lines_of_another_shape_are_judged_by_the_mapping_of_their_stream(streams: Path) -> None:
    mapped = ("--set", "sources.formats.events.mapping=segment")
    viewed = {
        "messageId": "m1",
        "userId": "ada",
        "event": "Product Viewed",
        "timestamp": "2026-03-10T12:00:00Z",
        "properties": {"product_id": "tea"},
    }
    good, bad = orjson.dumps(viewed), orjson.dumps({**viewed, "userId": None})
    done = feed("events", "--streams", streams, *mapped, given=good + b"\n" + bad + b"\n")
    assert b"missing_field 1" in done.stdout
    assert fed_so_far(streams / "events") == good + b"\n" + bad + b"\n"
    checked = feed("events", "--check", *mapped, given=bad + b"\n", code=1)
    assert b"missing_field (user_id)" in checked.stdout
    avro = ("--set", "sources.formats.items.encoding=avro", "--set")
    registry = "sources.formats.schema_registry.url=http://127.0.0.1:1"
    refused = feed("items", "--streams", streams, *avro, registry, given=good, code=2)
    assert b"holds records in Avro" in refused.stderr


def test_a_check_shows_the_first_ten_of_many() -> None:
    lines = feed("items", "--check", given=b"[1]\n" * 5_000, code=1).stdout.splitlines()
    assert len(lines) == 11
    assert lines[9].startswith(b"line 10 of standard input: not_an_object (list)")
    assert lines[10].startswith(b"5,000 lines: 5,000 would become dead letters, the first 10 above")


def test_files_are_unpacked_by_their_content(streams: Path, tmp_path: Path) -> None:
    import bz2
    import lzma

    import zstandard

    good = EVENT % 1 + b"\n"
    packs: tuple[Callable[[bytes], bytes], ...] = (
        bz2.compress,
        lzma.compress,
        zstandard.ZstdCompressor().compress,
        gzip.compress,
    )
    for number, pack in enumerate(packs):
        (tmp_path / f"lines-{number}.jsonl").write_bytes(pack(good * 3))
    feed("events", *sorted(tmp_path.glob("lines-*.jsonl")), "--streams", streams)
    assert fed(streams / "events") == good * 12
