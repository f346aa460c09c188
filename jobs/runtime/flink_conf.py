"""Writes Flink's configuration so that its logs hold no secrets."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import orjson

from jobs.runtime.environment import flink_home
from jobs.runtime.log_format import logs_are_json, with_json_layout
from jobs.secret_values import FLINK_OPTIONS, pairs

SECRET_LOGGERS = (
    "org.apache.flink.client.python",
    "org.apache.beam.runners.fnexecution.control.DefaultJobBundleFactory",
)
"""Loggers that write the environment of Python processes, and so the connection string, to the log.
The client does it when it starts such a process, a TaskManager when it closes one or fails to. The
other messages of these loggers are also logged elsewhere in Flink."""


def copy_conf(folder: Path) -> None:
    """Copy Flink's configuration files into `folder`, for a client or for a process of its own.

    SECRET_LOGGERS are switched off in them, the logs are JSON where that was asked for, and the
    options of INTERESTREAM_FLINK_OPTIONS are added.

    Raises EnvironmentNotReadyError when Flink is not installed, and ConfigError for settings of the
    environment that cannot be used.
    """
    as_json, hidden = logs_are_json(), pairs(FLINK_OPTIONS)
    shutil.copytree(flink_home() / "conf", folder, dirs_exist_ok=True)
    switched_off = "".join(
        f"\nlogger.secret{number}.name = {name}\nlogger.secret{number}.level = OFF\n"
        for number, name in enumerate(SECRET_LOGGERS)
    )
    for file in folder.glob("log4j*.properties"):
        text = file.read_text()
        file.write_text((with_json_layout(text) if as_json else text) + switched_off)
    _write_config(folder, (flink_home() / "conf" / "config.yaml").read_text(), hidden)


def write_conf(folder: Path, options: Mapping[str, str]) -> None:
    """Write the configuration of a JobManager or TaskManager into `folder`.

    `config.yaml` holds what every Flink process needs of Java, and `options`, which may replace
    those of INTERESTREAM_FLINK_OPTIONS. Raises what `copy_conf` raises.
    """
    copy_conf(folder)
    text = (flink_home() / "conf" / "config.yaml").read_text()
    kept = text[: text.index("jobmanager:")]
    lines = [f"{key}: {value}" for key, value in options.items()]
    hidden = {key: value for key, value in pairs(FLINK_OPTIONS).items() if key not in options}
    _write_config(folder, kept + "\n".join(lines) + "\n", hidden)


def rest_has_tls(options: Mapping[str, str]) -> bool:
    """Whether the REST interface of a JobManager with these options, and the hidden ones, has TLS.

    Raises ConfigError for settings of the environment that cannot be used.
    """
    options = {**pairs(FLINK_OPTIONS), **options}
    return options.get("security.ssl.rest.enabled", "false").strip().lower() == "true"


def _write_config(folder: Path, text: str, hidden: Mapping[str, str]) -> None:
    """Write `config.yaml`; with hidden options nobody else may read it."""
    file = folder / "config.yaml"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600 if hidden else 0o644)
    # A string of JSON is one of YAML, whatever it holds.
    lines = [f"{key}: {orjson.dumps(value).decode()}\n" for key, value in hidden.items()]
    file.write_text(text.rstrip("\n") + "\n" + "".join(lines))
