"""Makes a folder of Flink's libraries in which its Python library is one of them."""

from pathlib import Path

from jobs.runtime.environment import flink_home


def link_libraries(folder: Path) -> None:
    """Fill `folder` with links, for the variable FLINK_LIB_DIR of a JobManager or TaskManager.

    Java loads the bridge to Python once in a process. Were it loaded with the job, as in a session
    cluster, a TaskManager that was cut off from its JobManager could not take the job up again
    (docs/traps.md). Raises EnvironmentNotReadyError when Flink is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for link in folder.glob("*.jar"):
        link.unlink()
    home = flink_home()
    found = [*(home / "lib").glob("*.jar"), *(home / "opt").glob("flink-python*.jar")]
    # By name, since the image has the library in both folders.
    for name, library in {library.name: library for library in found}.items():
        (folder / name).symlink_to(library)
