"""The commands and units of the page on production are ones that the command line takes."""

import configparser
import re
import shlex
from pathlib import Path

from jobs.config import load_config
from tests.docker.command_line import options_of

PAGE = (Path(__file__).parents[2] / "docs" / "production.md").read_text()


def units() -> dict[str, configparser.ConfigParser]:
    found = {}
    for text in re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)
        found[re.split(r"[/:]", text)[4].strip().partition("\n")[0]] = unit
    return found


def start_of(unit: configparser.ConfigParser) -> list[str]:
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    return [Path(program).name, *arguments]


def test_the_two_commands_can_be_read():
    text = PAGE.partition("## The two commands")[2].partition("```\n")[2].partition("```")[0]
    lines = text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines if "=post" not in line]
    job_manager, task_manager = commands
    config = load_config(None, options_of(job_manager)["override"])
    assert config.checkpoints.directory is not None
    assert options_of(job_manager)["host"] == options_of(task_manager)["jobmanager"]


def test_the_units_start_the_same_and_only_a_failed_job_is_started_again():
    job_manager, task_manager = units().values()
    options = options_of(start_of(job_manager))
    assert options["resume"]
    assert options["host"] == options_of(start_of(task_manager))["jobmanager"]
    assert job_manager["Service"]["Restart"] == "on-failure"
    assert task_manager["Service"]["Restart"] == "always"
    # The connection string stays in a file that root alone can read.
    assert "EnvironmentFile" in job_manager["Service"]
    assert "EnvironmentFile" not in task_manager["Service"]
    assert "Environment" not in job_manager["Service"]
