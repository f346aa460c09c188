"""A folder for the temporary files of Flink, Java and Python.

They write some 150 MB there, and leave them when they are killed (docs/traps.md).
"""

import shutil
from pathlib import Path


def recreate_temp_dir(folder: Path) -> None:
    """Make the folder empty, deleting what an earlier run left in it."""
    remove_temp_dir(folder)
    folder.mkdir(parents=True)


def remove_temp_dir(folder: Path) -> None:
    """Delete the folder with its files, if it exists."""
    shutil.rmtree(folder, ignore_errors=True)


def temp_dir_environment(folder: Path, log_dir: Path, java_options: str) -> dict[str, str]:
    """Return environment variables that send temporary files to `folder`.

    Crash reports of Java go to `log_dir`. `java_options` are added to Java's options.

    >>> temp_dir_environment(Path("/a b"), Path("/logs"), "-Xmx1g")["JDK_JAVA_OPTIONS"]
    '-Xmx1g "-Djava.io.tmpdir=/a b" "-XX:ErrorFile=/logs/java-crash-%p.log"'
    """
    folder_options = [
        f'"-Djava.io.tmpdir={folder.absolute()}"',
        f'"-XX:ErrorFile={log_dir.absolute()}/java-crash-%p.log"',
    ]
    return {
        "TMPDIR": str(folder.absolute()),
        "FLINK_PID_DIR": str(folder.absolute()),
        "JDK_JAVA_OPTIONS": " ".join([java_options, *folder_options]).strip(),
    }
