"""The folder of the streams, and the disks that the job writes to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.situation import Situation
from jobs.doctor.topics import check_topics
from jobs.errors import DiskSpaceError, InterestreamError
from jobs.runtime.disk_space import check_disk_space
from jobs.runtime.find_flink import JOB_NAME, find_flink
from jobs.runtime.flink_rest import ENDED
from jobs.runtime.stream_folders import SILENCE, FolderFault, folder_fault

MANY_FILES = 1_000
"""Flink looks through the whole folder again and again: beyond this number freshness suffers."""
HOME = Path(".interestream")
STREAMS = ("events", "items", "control")


def check_streams(situation: Situation) -> list[Finding]:
    """Check that folders can be read and written, and count files; or that topics are there."""
    if situation.config.sources.kind == "kafka":
        return check_topics(situation)
    area = "Streams"
    root = situation.config.sources.root
    if not root.exists() and _job_lives(situation):
        return [_gone(area, root)]
    if not root.exists():
        parent = existing_parent(root)
        if not os.access(parent, os.W_OK | os.X_OK):
            advice = f"mkdir -p {root.absolute()}, as a user who may; or set sources.root"
            return [fail(area, f"{root} does not exist, and {parent} may not be written", advice)]
        advice = f"check sources.root, or mkdir -p {root.absolute()}"
        return [warn(area, f"{root} does not exist yet; the job would make it", advice)]
    if not root.is_dir():
        return [fail(area, f"{root} is a file", "set sources.root to the folder of the streams")]
    lives = _job_lives(situation)
    findings = [
        finding for name in STREAMS if (finding := _unusable(area, root / name, lives)) is not None
    ]
    counts = {
        name: _count(root / name)
        for name in STREAMS
        if (root / name).is_dir() and os.access(root / name, os.R_OK | os.X_OK)
    }
    held = ", ".join(f"{count:,} in {name}" for name, count in counts.items())
    findings += [
        warn(
            area,
            f"{count:,} files in {root / name}: Flink looks through all of them again and again",
            "set sources.keep_s, or move files that are committed out of the folder",
        )
        for name, count in counts.items()
        if count >= MANY_FILES
    ]
    return findings or [ok(area, f"{root} can be read and written; files: {held or 'none'}")]


def check_disks(situation: Situation) -> list[Finding]:
    """Check that the disks of streams, checkpoints and home have room; one line per disk."""
    area = "Disk"
    config = situation.config
    folders = {"home": HOME}
    if config.sources.kind == "files":
        folders = {"streams": config.sources.root, **folders}
    if config.checkpoints.directory is not None:
        folders["checkpoints"] = config.checkpoints.directory
    disks: dict[int, list[str]] = {}
    for name, folder in folders.items():
        disks.setdefault(existing_parent(folder).stat().st_dev, []).append(name)
    findings = []
    for names in disks.values():
        folder = folders[names[0]]
        try:
            check_disk_space(folder)
        except DiskSpaceError as error:
            findings.append(from_message(area, str(error)))
            continue
        free_gb = shutil.disk_usage(existing_parent(folder)).free / 1e9
        findings.append(ok(area, f"{free_gb:.1f} GB free for {', '.join(names)}"))
    return findings


def existing_parent(folder: Path) -> Path:
    """Return `folder`, or the nearest folder above it that exists."""
    paths = (folder.absolute(), *folder.absolute().parents)
    return next(path for path in paths if path.exists())


def _unusable(area: str, folder: Path, lives: bool) -> Finding | None:
    if not folder.exists():
        return _gone(area, folder) if lives else None  # The job makes it when it starts.
    if not folder.is_dir():
        return fail(area, f"{folder} is a file", f"remove it: the job needs a folder {folder.name}")
    chown = f"chown -R $(id -un) {folder.absolute()}, as root"
    if folder_fault(folder) is FolderFault.CLOSED:
        chmod = f"as the job's user: chmod u+rwx {folder.absolute()}"
        return fail(area, f"{folder} {FolderFault.CLOSED.value}: {SILENCE}", chmod)
    missing = list(_missing_rights(folder))
    if not missing:
        return None
    found = f"this user may not {' or '.join(missing)} {folder}"
    if "read" in missing:
        found += f": {SILENCE}, if the job runs as this user"
    return fail(area, found, chown)


def _gone(area: str, folder: Path) -> Finding:
    found = f"{folder} is gone while a job runs: {SILENCE}"
    return fail(area, found, "move it back; or set sources.root to where it is, as for the job")


def _job_lives(situation: Situation) -> bool:
    """Whether a job of this project has not ended; False where no cluster can be asked."""
    try:
        rest = find_flink(situation.jobmanager, situation.cluster)
    except InterestreamError:
        return False  # The lines about the cluster say so.
    if rest is None:
        return False
    names = rest.job_names()
    return any(
        names.get(job_id, "").startswith(JOB_NAME) and state not in ENDED
        for job_id, state in rest.job_states().items()
    )


def _missing_rights(folder: Path) -> Iterator[str]:
    if not os.access(folder, os.R_OK | os.X_OK):
        yield "read"
    if not os.access(folder, os.W_OK | os.X_OK):
        yield "write"


def _count(folder: Path) -> int:
    """How many files the job sees; it ignores names that begin with a dot or an underscore."""
    with os.scandir(folder) as entries:
        return sum(not entry.name.startswith((".", "_")) for entry in entries)
