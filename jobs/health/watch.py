"""Reads Postgres, Flink and the streams, as far as they are there, and judges what was read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import psycopg

from jobs.config import Config
from jobs.errors import InterestreamError
from jobs.health.judge import judge_progress
from jobs.health.judge_job import judge_job
from jobs.health.look_at_topics import Topics, TopicsOfJob
from jobs.health.read_files import read_file_ages_s, read_folder_faults
from jobs.health.read_flink import read_job
from jobs.health.read_postgres import read_streams
from jobs.health.reading import STREAMS, JobReading, Reading, StreamReading
from jobs.health.verdict import State, Thresholds, Verdict
from jobs.kafka_topics import KafkaTopics
from jobs.maintenance.overdue import ADVICE, read_overdue
from jobs.retention_settings import Retention
from jobs.runtime.disk_space import check_disk_space
from jobs.runtime.find_flink import find_flink
from jobs.runtime.stream_folders import SILENCE, FolderFault
from jobs.sinks.database_errors import describe_error
from jobs.sinks.hidden_password import without_password
from sql.connection import connect

CONNECT_S = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Watched:
    """Where to look."""

    dsn: str
    jobmanager: str
    """HOST:PORT; empty for the cluster that is kept in `cluster`, if one is."""
    cluster: Path
    streams: Path | None
    """Folder of the streams; None where the job reads topics."""
    must_read_streams: bool
    """Whether it is a problem that `streams` cannot be read."""
    space: int | None = None
    """None for the active space."""
    checkpoints: Path | None = None
    """Folder of the checkpoints, where it is known."""
    kafka: KafkaTopics | None = None
    """The topics that the job reads; None where it reads folders."""
    retention: Retention = field(default_factory=Retention)


def watched_by(
    config: Config,
    *,
    dsn: str,
    jobmanager: str,
    cluster: Path,
    streams: Path | None,
    space: int | None,
) -> Watched:
    """Return where to look for a job of this configuration; `streams` stands for its folder."""
    by_topics = config.sources.kind == "kafka"
    return Watched(
        dsn=dsn or config.database.dsn.get_secret_value(),
        jobmanager=jobmanager,
        cluster=cluster,
        streams=streams or (None if by_topics else config.sources.root),
        must_read_streams=streams is not None
        or (not by_topics and "root" in config.sources.model_fields_set),
        space=space,
        checkpoints=config.checkpoints.directory,
        kafka=config.sources.kafka if by_topics else None,
        retention=config.retention,
    )


def watch(watched: Watched, thresholds: Thresholds) -> list[Verdict]:
    """Return the verdicts of all checks, the worst first and without a password."""
    verdicts: list[Verdict] = []
    found = _attempt("postgres", lambda: _read_postgres(watched), verdicts)
    space_id = found[0] if found else watched.space
    rest = _attempt("flink", lambda: find_flink(watched.jobmanager, watched.cluster), verdicts)
    cluster_known = rest is not None or any(verdict.check == "flink" for verdict in verdicts)
    job: JobReading | None = None
    if rest is not None:
        job = _attempt("job", lambda: read_job(rest, space_id), verdicts)
    if job is not None:
        verdicts += judge_job(job, thresholds)
        if job.failed_checkpoints and watched.checkpoints is not None:
            # Flink does not say why a checkpoint failed.
            folder = watched.checkpoints
            _attempt("disk", lambda: check_disk_space(folder), verdicts)
    if found is not None:
        ages_s, faults = _read_folders(watched, verdicts)
        topics: Topics | None = None
        if watched.kafka is not None:
            job_id = None if job is None else job.job_id
            of_job = TopicsOfJob(watched.kafka, found[0], rest, job_id)
            topics = _attempt("topics", lambda: _read_topics(of_job, watched, thresholds), verdicts)
        reading = Reading(*found, ages_s, faults, topics or None, job, cluster_known)
        verdicts += judge_progress(reading, thresholds)
        _attempt("maintenance", lambda: verdicts.extend(_maintenance(watched)), verdicts)
        _attempt("sequence model", lambda: verdicts.extend(_sequence_model(watched)), verdicts)
    hidden = [replace(v, sentence=without_password(v.sentence, watched.dsn)) for v in verdicts]
    return sorted(hidden, key=lambda verdict: -verdict.state)


def _read_folders(
    watched: Watched, verdicts: list[Verdict]
) -> tuple[dict[str, tuple[float, ...]] | None, dict[str, FolderFault]]:
    """The ages of files and the faults of folders; after the commits, see `read_file_ages_s`."""
    streams = watched.streams
    if streams is None:
        return None, {}
    ages_s = _attempt("lag", lambda: read_file_ages_s(streams), verdicts)
    if ages_s is None and watched.must_read_streams:
        unread = f"the streams in {streams} cannot be read: is this the folder? If so, {SILENCE}"
        verdicts.append(Verdict("lag", State.WARNING, unread))
    faults = _attempt("folder", lambda: read_folder_faults(streams), verdicts) or {}
    gone = list(faults.values()) == [FolderFault.GONE] * len(STREAMS)
    if gone or not watched.must_read_streams:
        faults = {}  # It is another folder.
    return ages_s, faults


def _read_topics(of_job: TopicsOfJob, watched: Watched, thresholds: Thresholds) -> Topics:
    def records_in() -> dict[str, int]:
        return {name: each.records_in for name, each in _read_postgres(watched)[1].items()}

    return of_job.look_twice(thresholds.lag_s.warning, records_in)


def _read_postgres(watched: Watched) -> tuple[int, dict[str, StreamReading]]:
    if not watched.dsn:
        raise InterestreamError("no database: give --dsn, or set INTERESTREAM_DSN")
    # In a transaction, since a setting of the session would reach others behind a pooler.
    with connect(watched.dsn, connect_timeout=CONNECT_S) as db:
        db.execute("SET LOCAL statement_timeout = '10s'")
        return read_streams(db, watched.space)


def _maintenance(watched: Watched) -> list[Verdict]:
    """Nothing where the role may not see it, as that of the job, and in an older schema."""
    with connect(watched.dsn, connect_timeout=CONNECT_S) as db:
        db.execute("SET LOCAL statement_timeout = '10s'")
        try:
            overdue = read_overdue(db, watched.retention)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction):
            return []
    if overdue.sentence:
        return [Verdict("maintenance", State.WARNING, f"{overdue.sentence}: {ADVICE}")]
    sentence = "no dead letter and no space lies beyond its retention"
    return [Verdict("maintenance", State.OK, sentence, overdue.ran_s)]


def _sequence_model(watched: Watched) -> list[Verdict]:
    """Nothing without a model, where the role may not see it, and in an older schema."""
    query = """
    SELECT m.bundle, m.words, m.fallen, m.lately FROM interestream.sequence_models(%s) AS m
    WHERE m.state = 'in use'
    """
    with connect(watched.dsn, connect_timeout=CONNECT_S) as db:
        db.execute("SET LOCAL statement_timeout = '10s'")
        try:
            row = db.execute(query, (watched.space,)).fetchone()
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction):
            return []
    if row is None:
        return []
    bundle, words, fallen, lately = row
    state = State.WARNING if fallen else State.OK
    return [Verdict("sequence model", state, f"{bundle}: {words}", lately)]


def _attempt(check: str, read: Callable[[], T], verdicts: list[Verdict]) -> T | None:
    """Return what `read` returns; where it fails, add a critical verdict and return None."""
    try:
        return read()
    except psycopg.Error as error:
        sentence = describe_error(error)
    except InterestreamError as error:
        sentence = str(error)
    except Exception as error:  # A monitoring system reads sentences, no tracebacks.
        text = (str(error).splitlines() or [""])[0]
        sentence = f"this check has broken ({type(error).__name__}: {text}): report this line"
    verdicts.append(Verdict(check, State.CRITICAL, sentence))
    return None
