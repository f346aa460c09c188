"""What `interestream jobmanager` refuses before it starts Java."""

import pytest
from typer.testing import CliRunner

from jobs.cli import app


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "checkpoints.directory"),
        (["--resume", "--from-savepoint", "file:///s"], "give one of them"),
        (["--set", "interest.last_n=x"], "interest.last_n"),
        (["--flink", "rest.port"], "KEY=VALUE"),
    ],
)
def test_what_cannot_be_followed_is_said_in_a_sentence(arguments, said):
    environment = {"INTERESTREAM_DSN": "postgresql://nobody@nowhere/none"}
    done = CliRunner().invoke(app, ["jobmanager", *arguments], env=environment)
    assert done.exit_code == 2
    assert said in done.output


def test_it_needs_a_database():
    done = CliRunner().invoke(app, ["jobmanager"], env={"INTERESTREAM_DSN": ""})
    assert done.exit_code == 2
    assert "INTERESTREAM_DSN" in done.output
