"""The jar of Flink's Kafka connector: which one, where it lies, and how it is fetched."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jobs.connectors.errors import ConnectorError

ARTEFACT = "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2"
"""Group, name and version in Maven Central."""
JAR = "flink-sql-connector-kafka-5.0.0-2.2.jar"
SHA256 = "5605c691d11a501382c383fecba37a7a552467da5ab7ba904ef5d6f3d62c5616"
FOLDER = Path(".interestream") / "connectors"
"""Where the jar lies unless a configuration says otherwise."""

_POM = Path(__file__).parent / "pom.xml"
_ANY_VERSION = "flink-sql-connector-kafka-*.jar"


def fetch_kafka_jar(folder: Path) -> Path:
    """Fetch the jar into `folder` through Maven, unless it is there; return its path.

    Raises ConnectorError where there is no `mvn`, where it fails, and for a jar with another hash.
    """
    jar = folder / JAR
    if jar.is_file():
        _check_hash(jar)
        return jar
    maven = shutil.which("mvn")
    if maven is None:
        raise ConnectorError(
            f"there is no mvn here: put {JAR} ({ARTEFACT} of Maven Central) into"
            f" {folder.absolute()}, or install Maven (Debian: apt-get install maven)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=folder) as fetched:
        command = [maven, "--batch-mode", "--quiet", "--file", str(_POM)]
        command += ["dependency:copy-dependencies", f"-DoutputDirectory={Path(fetched).absolute()}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = Path(fetched) / JAR
        if done.returncode != 0 or not found.is_file():
            raise ConnectorError(f"mvn could not fetch {ARTEFACT}: {_reason(done.stdout)}")
        _check_hash(found)
        found.rename(jar)
    return jar


def find_kafka_jar(folder: Path, libraries: Sequence[Path]) -> Path | None:
    """The jar in `folder`; None where one of Flink's own folders of libraries has a connector.

    Raises ConnectorError where there is none.
    """
    jar = folder / JAR
    if jar.is_file():
        return jar
    if any(any(library.glob(_ANY_VERSION)) for library in libraries):
        return None
    raise ConnectorError(
        f"Flink's Kafka connector is missing ({jar.absolute()}): `interestream connectors` fetches"
        " it; sources.kafka.connectors names another folder"
    )


def flink_libraries(home: Path) -> list[Path]:
    """The folders whose jars every process of Flink loads."""
    named = [os.environ.get("FLINK_LIB_DIR"), os.environ.get("FLINK_HOME")]
    library, other_home = (Path(folder) if folder else None for folder in named)
    found = [home / "lib", library, other_home and other_home / "lib"]
    return [folder for folder in found if folder is not None]


def _check_hash(jar: Path) -> None:
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    if found != SHA256:
        raise ConnectorError(
            f"{jar} is not {ARTEFACT}: its sha256 is {found}, not {SHA256}; remove it, and run"
            " `interestream connectors` again"
        )


def _reason(output: str) -> str:
    errors = [line.removeprefix("[ERROR] ") for line in output.splitlines() if "[ERROR]" in line]
    return errors[0] if errors else output.strip()[-300:] or "it printed nothing"
