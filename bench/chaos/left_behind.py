"""What a run leaves behind once everything is stopped: processes and temporary files."""

from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[str]:
    """The processes that name the folder in their command line or environment.

    Not this one and those that have started it: a shell, or a limit of time.
    """
    here = psutil.Process()
    own = {here.pid, *(parent.pid for parent in here.parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        try:
            words = [*words, *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid not in own and any(str(folder) in word for word in words):
            found.append(f"{process.pid} {' '.join(process.info['cmdline'] or [])[:120]}")
    return found


def temporary_files_of(folder: Path) -> list[str]:
    """The files below the `tmp` folders of the processes of Flink.

    Not those that every start writes anew under the same name: they do not add up.
    """
    found = [file for file in folder.glob("*/tmp/**/*") if file.is_file()]
    return [str(file) for file in found if file.name != ".ses" and file.suffix != ".pid"]
