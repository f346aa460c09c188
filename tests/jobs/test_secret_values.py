"""Secrets from the environment or from a file, and who gets them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from interestream import pseudonyms
from jobs.cli import app
from jobs.config import load_config
from jobs.errors import ConfigError
from jobs.secret_values import (
    API_KEY,
    DSN,
    FLINK_OPTIONS,
    KAFKA_PROPERTIES,
    OF_THE_JOB,
    PSEUDONYM_KEY,
    REGISTRY_PASSWORD,
    dsn_environment,
    pairs,
    secret,
    without_job_secrets,
)

URL = "postgresql://ada:marked@db/x"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OF_THE_JOB, FLINK_OPTIONS):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def in_file(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    monkeypatch.setenv(f"{name}_FILE", str(folder / name))


def test_every_secret_of_the_configuration_may_come_from_a_file(monkeypatch, tmp_path):
    in_file(monkeypatch, tmp_path, DSN, f"{URL}\n")
    in_file(monkeypatch, tmp_path, KAFKA_PROPERTIES, "# login\nsasl.jaas.config=a b=c\n\n")
    in_file(monkeypatch, tmp_path, REGISTRY_PASSWORD, "word\n")
    config = load_config(None, ["sources.formats.schema_registry.url=https://schemas"])
    assert config.database.dsn.get_secret_value() == URL
    properties = config.sources.kafka.properties
    assert {key: value.get_secret_value() for key, value in properties.items()} == {
        "sasl.jaas.config": "a b=c"
    }
    assert config.sources.formats.schema_registry.password.get_secret_value() == "word"


def test_the_environment_comes_before_the_file_and_a_configuration_before_both(
    monkeypatch, tmp_path
):
    in_file(monkeypatch, tmp_path, DSN, "from the file")
    assert secret(DSN) == "from the file"
    monkeypatch.setenv(DSN, "")
    assert secret(DSN) == "from the file"
    monkeypatch.setenv(DSN, "from the environment")
    assert secret(DSN) == "from the environment"
    assert load_config(None, ["database.dsn=own"]).database.dsn.get_secret_value() == "own"


def test_a_file_that_cannot_be_read_is_named_and_nothing_of_it_shown(monkeypatch, tmp_path):
    monkeypatch.setenv(f"{DSN}_FILE", str(tmp_path / "absent"))
    with pytest.raises(ConfigError, match=f"{DSN}_FILE names .*/absent.*No such file"):
        secret(DSN)
    (tmp_path / "bytes").write_bytes(b"marked\xff")
    monkeypatch.setenv(f"{DSN}_FILE", str(tmp_path / "bytes"))
    with pytest.raises(ConfigError, match="byte 6 is no UTF-8") as raised:
        secret(DSN)
    assert raised.value.__context__ is None
    in_file(monkeypatch, tmp_path, FLINK_OPTIONS, "marked")
    with pytest.raises(ConfigError, match=f"{FLINK_OPTIONS} has a line that is not") as wrong:
        pairs(FLINK_OPTIONS)
    assert "marked" not in str(wrong.value)


def test_the_command_line_reads_the_file(monkeypatch, tmp_path, dsn):
    in_file(monkeypatch, tmp_path, DSN, f"{dsn}\n")
    done = CliRunner().invoke(app, ["status"])
    assert "no database" not in done.output
    monkeypatch.setenv(f"{DSN}_FILE", str(tmp_path / "absent"))
    done = CliRunner().invoke(app, ["status"])
    assert done.exit_code == 2
    assert "which cannot be read" in " ".join(done.output.replace("│", " ").split())


def test_a_child_gets_a_connection_string_that_it_cannot_read_by_itself(monkeypatch, tmp_path):
    assert dsn_environment(URL) == {DSN: URL}
    in_file(monkeypatch, tmp_path, DSN, URL)
    assert dsn_environment(URL) == {}
    assert dsn_environment("another") == {DSN: "another"}


def test_the_processes_of_flink_get_neither_the_jobs_secrets_nor_their_files():
    given = {**dict.fromkeys((*OF_THE_JOB, API_KEY), "x"), f"{DSN}_FILE": "y", "PATH": "z"}
    assert without_job_secrets(given) == {"PATH": "z"}


def test_the_key_of_pseudonyms_has_the_name_that_clients_read() -> None:
    assert PSEUDONYM_KEY == pseudonyms.KEY
