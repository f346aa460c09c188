"""Copies Flink's configuration so that its logs hold no secrets."""

import shutil
from pathlib import Path

from jobs.runtime.environment import flink_home

SECRET_LOGGERS = (
    "org.apache.flink.client.python",
    "org.apache.beam.runners.fnexecution.control.DefaultJobBundleFactory",
)
"""Loggers that write the environment of Python processes, and so the connection string, to the log.
The client does it when it starts such a process, a TaskManager when it closes one or fails to. The
other messages of these loggers are also logged elsewhere in Flink."""


def copy_conf(folder: Path) -> None:
    """Copy Flink's configuration files into `folder`, and switch SECRET_LOGGERS off in them.

    Raises EnvironmentNotReadyError when Flink is not installed.
    """
    shutil.copytree(flink_home() / "conf", folder, dirs_exist_ok=True)
    switched_off = "".join(
        f"\nlogger.secret{number}.name = {name}\nlogger.secret{number}.level = OFF\n"
        for number, name in enumerate(SECRET_LOGGERS)
    )
    for file in folder.glob("log4j*.properties"):
        with file.open("a") as stream:
            stream.write(switched_off)
