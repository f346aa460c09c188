"""Writes Flink's configuration so that its logs hold no secrets."""

import shutil
from collections.abc import Mapping
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


def write_conf(folder: Path, options: Mapping[str, str]) -> None:
    """Write the configuration of a JobManager or TaskManager into `folder`.

    `config.yaml` holds what every Flink process needs of Java, and `options`. Raises
    EnvironmentNotReadyError when Flink is not installed.
    """
    copy_conf(folder)
    text = (flink_home() / "conf" / "config.yaml").read_text()
    kept = text[: text.index("jobmanager:")]
    lines = [f"{key}: {value}" for key, value in options.items()]
    (folder / "config.yaml").write_text(kept + "\n".join(lines) + "\n")
