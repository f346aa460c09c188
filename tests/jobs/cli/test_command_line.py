"""Help, version, shell completion and exit codes of the commands."""

import os
import pty
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.cli.options import report_errors
from jobs.errors import InterestreamError

SCRIPT = Path(sys.executable).with_name("interestream")


def interestream(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version_is_that_of_the_package():
    assert interestream("--version").stdout == f"interestream {version('interestream')}\n"


def test_the_help_groups_the_commands_and_ends_with_examples():
    output = CliRunner().invoke(app, ["--help"]).output
    assert "Real-time interest for recommender systems." in output
    positions = [output.index(title) for title in ("Run", "Query", "Maintain", "Examples")]
    assert positions == sorted(positions)
    assert "interestream recommend ada -k 5 --json" in output


@pytest.mark.parametrize(
    "arguments",
    [["demo"], ["try"], ["replay"], ["feed"], ["dead-letters"], ["space", "create"], ["topics"]],
)
def test_every_command_has_its_own_help(arguments):
    result = CliRunner().invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_both_names_of_sync_say_that_it_encodes_topics_and_sentences():
    help_texts = [
        CliRunner().invoke(app, [group, "sync", "--help"], env={"COLUMNS": "200"}).output
        for group in ("topics", "sentiment")
    ]
    for text in help_texts:
        assert "Encode the topics and the sentences of known sentiment" in text


def test_a_shell_completes_commands_and_values():
    def complete(typed: str) -> list[str]:
        words = typed.split(" ")
        done = interestream(
            _INTERESTREAM_COMPLETE="complete_bash",
            COMP_WORDS=typed,
            COMP_CWORD=str(len(words) - 1),
        )
        return done.stdout.split()

    assert complete("interestream dea") == ["dead-letters"]
    assert set(complete("interestream space ")) >= {"create", "list", "activate"}
    assert complete("interestream dead-letters --stream ev") == ["events"]


def test_the_completion_script_of_a_shell_can_be_shown():
    done = interestream(
        "--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1"
    )
    assert "_INTERESTREAM_COMPLETE=complete_bash" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("recommend",),
        ("recommend", "ada", "-k", "0"),
        ("dead-letters", "--stream", "rivers"),
        ("status", "--space", "first"),
        ("replay", "/nowhere", "--dsn", "postgresql://"),
    ],
)
def test_wrong_options_exit_with_2_and_a_message_on_the_standard_error(arguments):
    done = interestream(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_an_expected_error_exits_with_2_and_an_escaped_message(capsys):
    @report_errors
    def fails() -> None:
        raise InterestreamError("line one\nline \x1b[2J two")

    with pytest.raises(SystemExit) as ended:
        fails()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "It did not work: line one\nline \\x1b[2J two\n")


def test_a_pipe_that_its_reader_closed_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [str(SCRIPT), "config", "--json"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_exits_with_130_without_a_traceback(tmp_path):
    (tmp_path / "items.ndjson").write_text("{}")
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [str(SCRIPT), "demo", "--events", "2000"],
        cwd=tmp_path,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        output = line + process.stdout.read()
    os.close(main)
    os.close(terminal)
    assert process.returncode == 130, output
    assert b"Traceback" not in output
    assert b"Stopped." in output
    time.sleep(0.5)
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, check=False)
    assert left.stdout == b""
