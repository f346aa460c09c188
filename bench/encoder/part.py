"""The part of the benchmark that measures the encoder inside the job."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME, running_job
from bench.harness.progress import run_bar
from bench.throughput.measure import Measured, Plan, link, measure
from bench.throughput.workload import START_MS
from jobs.errors import InterestreamError
from jobs.local.stack import HOME
from jobs.simulator.catalogue import build_catalogue
from jobs.spaces.build import documents
from model_export.ensure import ensure_bundle

GOAL_RATIO = 0.95
"""Goal: texts per second in the job over those of the bare loop."""
FILE_ITEMS = 500
WARM_ITEMS = 50
SEED = 23
"""Seed of the catalogue; the other parts have another one."""


class BareLoopError(InterestreamError):
    """The reference could not be measured."""


@dataclass(frozen=True)
class EncoderResult:
    """The job on `texts` texts, and the bare loop before and after it."""

    threads: int
    texts: int
    job: Measured
    bare: list[dict[str, float]]
    """The output of `bench.encoder.bare_loop`, twice."""

    @property
    def bare_texts_per_s(self) -> float:
        """Mean over both runs of the bare loop."""
        return sum(one["texts_per_s"] for one in self.bare) / len(self.bare)

    @property
    def bare_cpu_us(self) -> float:
        """Microseconds of processor time per text, the mean over both runs of the bare loop."""
        return sum(one["cpu_us_per_text"] for one in self.bare) / len(self.bare)

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "threads": self.threads,
            "texts": self.texts,
            "job": self.job.as_json(),
            "bare": self.bare,
        }

    def figures(self) -> list[Figure]:
        """Texts per second and processor time per text, beside the bare loop."""
        spent = self.job.cpu_us_per_event
        job_cpu_us = sum(us for kind, us in spent.items() if kind.startswith("encoder"))
        ratio = self.job.events_per_s / self.bare_texts_per_s
        return [
            Figure(
                "encoder",
                f"texts/s in the job, {self.threads} thread(s)",
                self.job.events_per_s,
                "texts/s",
                self.bare_texts_per_s,
                "bare ONNX Runtime loop",
                f"ratio >= {GOAL_RATIO}",
                ratio >= GOAL_RATIO,
                f"{self.job.events:,} texts in {self.job.seconds:.0f} s",
            ),
            Figure(
                "encoder",
                f"CPU of the encoder per text, {self.threads} thread(s)",
                job_cpu_us,
                "us",
                self.bare_cpu_us,
                "bare ONNX Runtime loop",
            ),
        ]


def run_encoder(
    texts: int,
    threads: int,
    seconds: float,
    console: Console,
    overrides: Sequence[str] = (),
) -> EncoderResult:
    """Measure the bare loop, the job, and the bare loop again, each alone on the machine.

    Each run of the bare loop takes `seconds`. Raises BareLoopError, and what `running_job` and
    `measure` raise.
    """
    records = list(build_catalogue(SEED, texts + WARM_ITEMS, START_MS).items.values())
    warm, measured = records[:WARM_ITEMS], records[WARM_ITEMS:]
    folder = BENCH_HOME / "encoder"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with run_bar(console, f"encoder · {threads} thread(s)", texts) as bar:
        bundle = ensure_bundle(HOME / "bundles", bar.step)
        listed = folder / "texts.json"
        listed.write_bytes(orjson.dumps(list(documents(measured))))
        bar.step("bare loop")
        before = _bare(bundle, listed, threads, seconds)
        settings = [f"encoder.threads={threads}", *overrides]
        with running_job(warm, settings, bar.step, folder / "job", store=None) as running:
            found = measure(
                running.db,
                partial(link, _files(measured, folder / "files"), running.streams / "items"),
                texts + WARM_ITEMS,
                Plan(events=texts * 4 // 5, warm_up_s=10.0, limit_s=300.0),
                running.job.check,
                bar.move,
                stream="vectors",
            )
        bar.step("bare loop again")
        after = _bare(bundle, listed, threads, seconds)
    shutil.rmtree(folder, ignore_errors=True)
    return EncoderResult(threads, texts, found, [before, after])


def _bare(bundle: Path, texts: Path, threads: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.encoder.bare_loop"]
    done = subprocess.run(
        [*command, str(bundle), str(texts), str(threads), str(seconds)],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise BareLoopError(f"the bare loop failed: {done.stderr.decode(errors='replace')[-500:]}")
    found: dict[str, float] = orjson.loads(done.stdout)
    return found


def _files(records: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    files = []
    for first in range(0, len(records), FILE_ITEMS):
        # The names must differ from those of the loaded catalogue, which begin with zeros.
        files.append(folder / f"measured-{first:08d}.ndjson")
        lines = [orjson.dumps(record) for record in records[first : first + FILE_ITEMS]]
        files[-1].write_bytes(b"\n".join(lines) + b"\n")
    return files
