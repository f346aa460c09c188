"""A copy of Flink's configuration whose logs keep secrets."""

import shutil
from pathlib import Path

from jobs.runtime.environment import flink_home

TALKATIVE = (
    "org.apache.flink.client.python",
    "org.apache.beam.runners.fnexecution.control.DefaultJobBundleFactory",
)
"""Loggers that tell the environment of Python processes, the connection string with it: the client
when it starts one, a TaskManager when it closes one, or fails to. What they say else is told by
Flink as well."""


def copy_conf(folder: Path) -> None:
    """Put Flink's configuration files into `folder`, with those loggers switched off."""
    shutil.copytree(flink_home() / "conf", folder, dirs_exist_ok=True)
    quiet = "".join(
        f"\nlogger.talkative{number}.name = {name}\nlogger.talkative{number}.level = OFF\n"
        for number, name in enumerate(TALKATIVE)
    )
    for file in folder.glob("log4j*.properties"):
        with file.open("a") as stream:
            stream.write(quiet)
