"""The folder of checkpoints, and the newest one that was completed."""

import os
import time

from jobs.core.ages import age
from jobs.doctor.finding import Finding, fail, ok, warn
from jobs.doctor.folders import existing_parent
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError
from jobs.runtime.find_flink import find_flink

AREA = "Checkpoints"
SET = "add to `interestream submit`: --set checkpoints.directory=/data/checkpoints"


def check_checkpoints(situation: Situation) -> list[Finding]:
    """Check that checkpoints have a folder that can be used, and how old the newest is."""
    folder = situation.config.checkpoints.directory
    if folder is None:
        return [_of_cluster(situation)]
    if not folder.exists():
        parent = existing_parent(folder)
        if not os.access(parent, os.W_OK | os.X_OK):
            advice = f"mkdir -p {folder.absolute()}, as a user who may; or name another one"
            return [fail(AREA, f"{folder} does not exist, and {parent} may not be written", advice)]
        return [warn(AREA, f"no checkpoint yet: {folder} does not exist", "interestream submit")]
    if not folder.is_dir():
        return [fail(AREA, f"{folder} is a file", "set checkpoints.directory to a folder")]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        advice = f"chown -R $(id -un) {folder.absolute()}, as root"
        return [fail(AREA, f"this user may not read and write {folder}", advice)]
    completed = [(file.stat().st_mtime, file.parent) for file in folder.glob("*/chk-*/_metadata")]
    if not completed:
        advice = "a job makes the first soon after its start; a stop with a savepoint deletes them"
        return [warn(AREA, f"{folder} holds no completed checkpoint", advice)]
    written, newest = max(completed)
    return [ok(AREA, f"the newest completed one is {age(time.time() - written)} old: {newest}")]


def _of_cluster(situation: Situation) -> Finding:
    try:
        rest = find_flink(situation.jobmanager, situation.cluster)
    except InterestreamError:
        rest = None  # The area of the cluster says so.
    setting = rest and rest.setting("execution.checkpointing.dir")
    if setting:
        return ok(AREA, f"the cluster keeps them in {setting}")
    found = "checkpoints.directory is not set: checkpoints stay in the JobManager's memory"
    return warn(AREA, f"{found}, which fails beyond 5 MB", SET)
