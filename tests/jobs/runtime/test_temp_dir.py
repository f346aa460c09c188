"""The folder for temporary files of Flink's processes."""

import subprocess
from pathlib import Path

from jobs.runtime.environment import job_environment
from jobs.runtime.temp_dir import (
    recreate_temp_dir,
    remove_temp_dir,
    temp_dir_environment,
)


def test_the_folder_starts_empty_and_is_removed_with_its_files(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run" / "tmp"
    recreate_temp_dir(folder)
    (folder / "minicluster" / "jars").mkdir(parents=True)
    recreate_temp_dir(folder)
    assert list(folder.iterdir()) == []
    (folder / "jar").write_bytes(b"x")
    remove_temp_dir(folder)
    remove_temp_dir(folder)
    assert not folder.exists()


def test_java_and_python_write_their_temporary_files_there(tmp_path: Path) -> None:
    folder, logs = tmp_path / "a b", tmp_path / "logs"
    environment = {**job_environment(logs), **temp_dir_environment(folder, logs, "-Xmx64m")}
    java = Path(environment["JAVA_HOME"]) / "bin" / "java"
    done = subprocess.run(
        [java, "-XX:+PrintFlagsFinal", "-XshowSettings:properties", "-version"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"java.io.tmpdir = {folder}\n" in done.stderr
    flags = dict(line.split()[1:4:2] for line in done.stdout.splitlines() if " = " in line)
    assert flags["MaxHeapSize"] == str(64 << 20)
    assert flags["ErrorFile"] == f"{logs}/java-crash-%p.log"
    assert environment["TMPDIR"] == environment["FLINK_PID_DIR"] == str(folder)
