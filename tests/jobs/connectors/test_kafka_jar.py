import hashlib
from pathlib import Path

import pytest

from jobs.connectors import kafka_jar
from jobs.connectors.errors import ConnectorError
from jobs.connectors.kafka_jar import JAR, fetch_kafka_jar, find_kafka_jar


def test_without_maven_one_sentence_says_which_jar_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConnectorError) as raised:
        fetch_kafka_jar(tmp_path / "jars")
    assert f"put {JAR} (org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2" in str(raised.value)
    assert str(tmp_path / "jars") in str(raised.value)
    assert not (tmp_path / "jars").exists()


def test_a_jar_with_another_hash_is_refused(tmp_path: Path) -> None:
    (tmp_path / JAR).write_bytes(b"another")
    with pytest.raises(ConnectorError, match=hashlib.sha256(b"another").hexdigest()):
        fetch_kafka_jar(tmp_path)


def test_a_maven_that_fails_is_told_with_its_first_error_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no such artefact'\necho '[ERROR] more'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ConnectorError, match=r"could not fetch .*: no such artefact$"):
        fetch_kafka_jar(tmp_path / "jars")
    assert list((tmp_path / "jars").iterdir()) == []


def test_the_jar_of_the_folder_comes_before_flinks_own_libraries(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    library.mkdir()
    with pytest.raises(ConnectorError, match="interestream connectors"):
        find_kafka_jar(tmp_path, [library])
    (library / "flink-sql-connector-kafka-9.9.jar").touch()
    assert find_kafka_jar(tmp_path, [library]) is None
    (tmp_path / JAR).touch()
    assert find_kafka_jar(tmp_path, [library]) == tmp_path / JAR


def test_the_pom_names_the_artefact_whose_hash_is_known() -> None:
    pom = (Path(kafka_jar.__file__).parent / "pom.xml").read_text()
    group, name, version = kafka_jar.ARTEFACT.split(":")
    for tag, value in (("groupId", group), ("artifactId", name), ("version", version)):
        assert f"<{tag}>{value}</{tag}>" in pom
    assert f"{name}-{version}.jar" == JAR
