"""Metrics that no statement holds: whether the database answers, the health checks, disks."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily

from jobs.health.verdict import Verdict
from jobs.serve.metric import Metric
from jobs.serve.read_metrics import Scrape

UP = Metric(
    "interestream_up",
    "",
    (),
    "1 where Postgres answers this process, otherwise 0, and no other metric of the database",
    "0",
)
FAILED = Metric(
    "interestream_reading_failed",
    "",
    ("reading",),
    "1 where the statement of some metrics failed, which are missing then; the log says why",
    "1: the schema is old, the role lacks a right, or a table is too large for"
    " `serve.statement_timeout_s`",
)
TOOK = Metric(
    "interestream_reading_seconds",
    "s",
    (),
    "How long the statements of the last answer took together",
    "it comes near `serve.scrape_s`",
)
CHECK = Metric(
    "interestream_check_state",
    "0, 1, 2",
    ("check",),
    "What `interestream health` says, by check: 0 ok, 1 a warning, 2 critical",
    "above 0: `/health` has the sentence",
)
LAG = Metric(
    "interestream_lag_seconds",
    "s",
    ("source",),
    "How long the oldest file (source `files`) or record of a topic has waited that the job has not"
    " committed; missing where neither is known",
    "above a minute: the job stands still, or falls behind a topic",
)
UNREAD = Metric(
    "interestream_unread_records",
    "records",
    ("source",),
    "Records of a topic behind the job's position",
    "it grows for many minutes",
)
DISK_FREE = Metric(
    "interestream_disk_free_bytes",
    "bytes",
    ("folder",),
    "Free space on the disk of `sources.root` (folder `streams`) and of `checkpoints.directory`"
    " (folder `checkpoints`), where this process sees them",
    "below a tenth of `interestream_disk_bytes`",
)
DISK = Metric("interestream_disk_bytes", "bytes", ("folder",), "Size of that disk")

OWN_METRICS = (UP, FAILED, TOOK, CHECK, LAG, UNREAD, DISK_FREE, DISK)


def of_scrape(scrape: Scrape) -> Iterator[GaugeMetricFamily]:
    """Whether the database answered, how long it took, and which statements failed."""
    yield UP.family([{"up": int(scrape.up)}])
    yield TOOK.family([{"reading_seconds": scrape.took_s}])
    yield FAILED.family(
        {"reading": name, "reading_failed": int(failed)} for name, failed in scrape.failed.items()
    )


def of_health(verdicts: Sequence[Verdict]) -> Iterator[GaugeMetricFamily]:
    """The worst state of each check, and what waits."""
    worst: dict[str, int] = {}
    for verdict in verdicts:
        worst[verdict.check] = max(worst.get(verdict.check, 0), verdict.state.value)
    yield CHECK.family({"check": name, "check_state": state} for name, state in worst.items())
    lags = [
        {"source": "files" if each.topic is None else each.topic.topic, "lag_seconds": each.value}
        for each in verdicts
        if each.check == "lag" and each.value is not None
    ]
    yield LAG.family(lags)
    topics = [each.topic for each in verdicts if each.topic is not None]
    yield UNREAD.family({"source": each.topic, "unread_records": each.unread} for each in topics)


def of_disks(folders: Mapping[str, Path]) -> Iterator[GaugeMetricFamily]:
    """The disks of folders that are there; several on one disk have a sample each."""
    found = []
    for name, folder in folders.items():
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        found.append({"folder": name, "disk_free_bytes": usage.free, "disk_bytes": usage.total})
    yield DISK_FREE.family(found)
    yield DISK.family(found)
