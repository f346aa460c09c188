"""Temporary files of Flink's processes: where they go, and that they go."""

import subprocess
from pathlib import Path

from jobs.runtime.environment import job_environment
from jobs.runtime.temp_dir import empty_scratch, remove_scratch, scratch_environment


def test_a_scratch_folder_is_empty_whatever_was_in_it_and_goes_with_all_that_is(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run" / "tmp"
    empty_scratch(folder)
    (folder / "minicluster" / "jars").mkdir(parents=True)
    empty_scratch(folder)
    assert list(folder.iterdir()) == []
    (folder / "jar").write_bytes(b"x")
    remove_scratch(folder)
    remove_scratch(folder)
    assert not folder.exists()


def test_java_and_python_take_it_for_their_temporary_files(tmp_path: Path) -> None:
    folder, logs = tmp_path / "a b", tmp_path / "logs"
    environment = {**job_environment(logs), **scratch_environment(folder, logs, "-Xmx64m")}
    java = Path(environment["JAVA_HOME"]) / "bin" / "java"
    told = subprocess.run(
        [java, "-XX:+PrintFlagsFinal", "-XshowSettings:properties", "-version"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"java.io.tmpdir = {folder}\n" in told.stderr
    flags = dict(line.split()[1:4:2] for line in told.stdout.splitlines() if " = " in line)
    assert flags["MaxHeapSize"] == str(64 << 20)
    assert flags["ErrorFile"] == f"{logs}/java-crash-%p.log"
    assert environment["TMPDIR"] == environment["FLINK_PID_DIR"] == str(folder)
