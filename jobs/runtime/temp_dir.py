"""A folder for what Flink, Java and Python put down while they run: some 150 MB, which they leave
behind when they are killed."""

import shutil
from pathlib import Path


def empty_scratch(folder: Path) -> None:
    """Make the folder, without what an earlier run has left in it."""
    remove_scratch(folder)
    folder.mkdir(parents=True)


def remove_scratch(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def scratch_environment(folder: Path, log_dir: Path, java_options: str) -> dict[str, str]:
    """Environment variables for whom temporary files go into `folder`, and reports of a crash of
    Java into `log_dir`; `java_options` are further ones.

    >>> scratch_environment(Path("/a b"), Path("/logs"), "-Xmx1g")["JDK_JAVA_OPTIONS"]
    '-Xmx1g "-Djava.io.tmpdir=/a b" "-XX:ErrorFile=/logs/java-crash-%p.log"'
    """
    own = [
        f'"-Djava.io.tmpdir={folder.absolute()}"',
        f'"-XX:ErrorFile={log_dir.absolute()}/java-crash-%p.log"',
    ]
    return {
        "TMPDIR": str(folder.absolute()),
        "FLINK_PID_DIR": str(folder.absolute()),
        "JDK_JAVA_OPTIONS": " ".join([java_options, *own]).strip(),
    }
