"""Secrets from the environment, or from the file that the environment names instead."""

import os
from collections.abc import Mapping
from pathlib import Path

from jobs.errors import ConfigError

DSN = "INTERESTREAM_DSN"
"""Environment variable with the Postgres connection string."""
KAFKA_PROPERTIES = "INTERESTREAM_KAFKA_PROPERTIES"
"""Environment variable with settings of Kafka's clients, KEY=VALUE, one a line."""
REGISTRY_PASSWORD = "INTERESTREAM_SCHEMA_REGISTRY_PASSWORD"  # noqa: S105
"""Environment variable with the password of `sources.formats.schema_registry`."""
FLINK_OPTIONS = "INTERESTREAM_FLINK_OPTIONS"
"""Environment variable with options of Flink that no command line may show, KEY=VALUE, one a
line: passwords of its TLS stores, for example."""
PSEUDONYM_KEY = "INTERESTREAM_PSEUDONYM_KEY"
"""Environment variable with the key of pseudonyms, `interestream.pseudonyms.KEY`. The configuration
does without that package, which brings the driver of Postgres."""
API_KEY = "INTERESTREAM_API_KEY"
"""Environment variable with the key that `interestream serve` asks for."""
OF_THE_JOB = (DSN, KAFKA_PROPERTIES, REGISTRY_PASSWORD, PSEUDONYM_KEY)
"""Variables that the job's client alone needs: Flink's processes do not get them."""
_FILE = "_FILE"


def secret(name: str) -> str:
    """The environment variable `name`, or else what the file says that `name`_FILE names.

    White space around it does not count; empty where neither is set. Raises ConfigError for a file
    that cannot be read.
    """
    if found := os.environ.get(name, "").strip():
        return found
    path = os.environ.get(name + _FILE, "")
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except UnicodeDecodeError as error:
        # Not chained: the error's text would hold what the file does.
        reason = f"byte {error.start} is no UTF-8"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise ConfigError(f"{name}{_FILE} names {path}, which cannot be read: {reason}")


def pairs(name: str) -> dict[str, str]:
    """The lines KEY=VALUE of a secret; empty ones and comments (#) are passed over.

    Raises ConfigError, which shows nothing of the line, for one that is not KEY=VALUE.
    """
    return key_values(secret(name), name)


def key_values(lines: str, name: str) -> dict[str, str]:
    """The lines KEY=VALUE of a text; raises what `pairs` raises, with `name` for where it is."""
    found = {}
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        if line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator:
            raise ConfigError(f"{name} has a line that is not KEY=VALUE")
        found[key.strip()] = value.strip()
    return found


def without_job_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without the job's secrets, which belong to the job's client alone, and
    without the key of the API."""
    secrets = (*OF_THE_JOB, API_KEY)
    hidden = {*secrets, *(name + _FILE for name in secrets)}
    return {name: value for name, value in environment.items() if name not in hidden}


def job_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The job's secrets of an environment, and the files that hold them."""
    wanted = {*OF_THE_JOB, *(name + _FILE for name in OF_THE_JOB)}
    return {name: value for name, value in environment.items() if name in wanted}


def dsn_environment(dsn: str) -> dict[str, str]:
    """What a child's environment needs to know `dsn`; nothing where it reads the same by itself."""
    return {} if secret(DSN) == dsn else {DSN: dsn}
