"""Judges how far the job has come; nothing is read here.

An idle job commits nothing, as a dead one does. What tells them apart: a dead job leaves files in
the folder of the streams that are newer than its last commit, and completes no checkpoint.
"""

from collections.abc import Iterable

from jobs.core.ages import age
from jobs.health.judge_job import is_idle
from jobs.health.judge_topics import judge_topics
from jobs.health.reading import STREAMS, Reading
from jobs.health.verdict import Limits, State, Thresholds, Verdict
from jobs.runtime.stream_folders import SILENCE, FolderFault

FEWEST_RECORDS = 100
"""Shares of fewer records say nothing."""


def judge_progress(reading: Reading, thresholds: Thresholds) -> list[Verdict]:
    """Return the verdicts on commits, files and folders, waiting events and dead letters."""
    verdicts = [_commit(reading, thresholds)]
    if reading.file_ages_s is not None:
        verdicts.append(_lag(reading, thresholds))
    if reading.topics is not None:
        verdicts += judge_topics(reading.topics, thresholds)
    verdicts += _folders(reading)
    shares = [
        _share(
            "waiting",
            "wait for their item",
            [(name, each.waiting, each.records_in) for name, each in reading.streams.items()],
            thresholds.waiting_share,
        ),
        _share(
            "dead letters",
            "are dead letters",
            [(name, each.dead_letters, each.records_in) for name, each in reading.streams.items()],
            thresholds.dead_letter_share,
        ),
    ]
    return verdicts + shares


def oldest_waiting_s(file_ages_s: Iterable[float], commit_age_s: float | None) -> float | None:
    """Return the age of the oldest file that is newer than the last commit.

    Where there was no commit (None), every file waits. Returns None where no file does.

    >>> oldest_waiting_s([500.0, 40.0, 5.0], commit_age_s=100.0)
    40.0
    >>> oldest_waiting_s([500.0], commit_age_s=100.0) is None
    True
    """
    waiting = [each for each in file_ages_s if commit_age_s is None or each < commit_age_s]
    return max(waiting, default=None)


def _waiting_s(reading: Reading) -> dict[str, float]:
    """For each stream with a file that waits: for how long the oldest has."""
    found = {}
    for name in STREAMS:
        stream = reading.streams.get(name)
        ages = (reading.file_ages_s or {}).get(name, ())
        waiting = oldest_waiting_s(ages, None if stream is None else stream.commit_age_s)
        if waiting is not None:
            found[name] = waiting
    return found


def _commit(reading: Reading, thresholds: Thresholds) -> Verdict:
    ages = [stream.commit_age_s for stream in reading.streams.values()]
    age_s = min(ages, default=None)
    committed = (
        f"nothing was ever committed to space {reading.space_id}"
        if age_s is None
        else f"the newest commit to space {reading.space_id} is {age(age_s)} old"
    )
    waits = _waits(reading)
    if waits is not None:
        what, waiting = waits
        if waiting is None:
            return Verdict("commit", State.OK, f"{committed}, and no {what} waits", age_s)
        judged = waiting if age_s is None else min(waiting, age_s)
        sentence = f"{committed}, and a {what} has waited for {age(waiting)}"
        return Verdict("commit", thresholds.commit_age_s.judge(judged), sentence, age_s)
    if reading.job is not None and is_idle(reading.job, thresholds):
        sentence = f"{committed}; checkpoints complete, so nothing is stuck"
        return Verdict("commit", State.OK, sentence, age_s)
    state = State.WARNING if age_s is None else thresholds.commit_age_s.judge(age_s)
    if state is State.OK or reading.cluster_known:
        return Verdict("commit", state, committed, age_s)
    unknown = "give --streams or --jobmanager to tell an idle job from a dead one"
    return Verdict("commit", state, f"{committed}: {unknown}", age_s)


def _waits(reading: Reading) -> tuple[str, float | None] | None:
    """What the job reads, and for how long the oldest of it has waited (None: nothing waits).

    None where it is not known.
    """
    if reading.topics is not None:
        unread = [topic.waited_s for topic in reading.topics.values() if topic.unread]
        known = [each for each in unread if each is not None]
        return None if len(known) < len(unread) else ("record", max(known, default=None))
    if reading.file_ages_s is not None:
        return "file", max(_waiting_s(reading).values(), default=None)
    return None


def _lag(reading: Reading, thresholds: Thresholds) -> Verdict:
    waiting = _waiting_s(reading)
    if not waiting:
        return Verdict("lag", State.OK, "every file is older than the last commit", 0.0)
    name = max(waiting, key=lambda stream: waiting[stream])
    sentence = f"the oldest file of {name} that waits has waited for {age(waiting[name])}"
    state = thresholds.lag_s.judge(waiting[name])
    if state is not State.OK and reading.job is not None and is_idle(reading.job, thresholds):
        sentence += (
            f"; no task hangs, so see whether the job's user may read the folder: if not, {SILENCE}"
        )
    return Verdict("lag", state, sentence, waiting[name])


def _folders(reading: Reading) -> list[Verdict]:
    """Judge folders that cannot be read; one is gone only where the job has read from it."""
    verdicts = []
    for name, fault in reading.folder_faults.items():
        if fault is FolderFault.GONE and name not in reading.streams:
            continue
        state = State.WARNING if fault is FolderFault.NOT_FOR_US else State.CRITICAL
        as_job = " (if the job runs as this user)" if fault is FolderFault.NOT_FOR_US else ""
        sentence = f"the folder of the stream {name} {fault.value}: {SILENCE}{as_job}"
        verdicts.append(Verdict("folder", state, sentence))
    return verdicts


def _share(
    check: str, what: str, counts: Iterable[tuple[str, int, int]], limits: Limits
) -> Verdict:
    """Judge the stream with the largest share of its records."""
    shares = [
        (part / whole, name, part, whole) for name, part, whole in counts if whole >= FEWEST_RECORDS
    ]
    if not shares:
        sentence = f"no stream has {FEWEST_RECORDS} records yet: no share of those that {what}"
        return Verdict(check, State.OK, sentence)
    share, name, part, whole = max(shares)
    sentence = f"{share:.1%} of the records of {name} {what} ({part:,} of {whole:,})"
    return Verdict(check, limits.judge(share), sentence, share)
