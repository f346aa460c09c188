"""The page of security names every secret that there is, and every file that it speaks of."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from jobs.config import Config
from jobs.runtime.flink_tls import CA_FILE, CLIENT_FILE
from jobs.runtime.log_format import LAYOUT, LOG_FORMAT
from jobs.secret_values import FLINK_OPTIONS, OF_THE_JOB
from tests.docker.dockerfile import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()


def secret_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The keys of the configuration whose values are hidden."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from secret_keys(kind, f"{prefix}{name}.")
        elif "SecretStr" in str(kind):
            yield f"{prefix}{name}"


def test_every_hidden_key_and_every_variable_is_in_the_table():
    keys = set(secret_keys(Config))
    assert {"database.dsn", "sources.kafka.properties"} <= keys
    for key in keys:
        written = re.sub(r"formats\.(\w+\.)?schema_registry", "formats.*.schema_registry", key)
        assert f"`{written}`" in PAGE, key
    for variable in (*OF_THE_JOB, FLINK_OPTIONS, CA_FILE, CLIENT_FILE, LOG_FORMAT):
        assert variable in PAGE, variable


def test_the_keys_of_a_line_are_explained():
    table = PAGE.partition("## Logs in JSON")[2].partition("\n## ")[0]
    for key in re.findall(r'"(\w+)":\{"\$resolver"', LAYOUT["eventTemplate"]):
        assert f"`{key}`" in table, key


def test_the_files_that_are_named_are_there():
    named = set(re.findall(r"`((?:docker|tests|jobs)/[\w/.-]+)`", PAGE))
    assert len(named) > 4
    assert [name for name in named if not (ROOT / name).exists()] == []
