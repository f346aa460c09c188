"""The part of the benchmark that measures `recommend()`: runs `bench.recommend` as a process."""

import importlib.util
import subprocess
import sys
from typing import Any

import orjson
from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME
from jobs.errors import InterestreamError

RESULT = BENCH_HOME / "recommend.json"


class RecommendError(InterestreamError):
    """`bench.recommend` could not measure."""


def run_recommend(console: Console, *, quick: bool) -> tuple[list[Figure], dict[str, Any]]:
    """The figures and the raw results of `bench.recommend`. Raises RecommendError."""
    if importlib.util.find_spec("bench.recommend") is None:
        raise RecommendError("bench.recommend is not there")
    console.print("recommend: python -m bench.recommend", highlight=False)
    RESULT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.recommend", "--json", str(RESULT)]
    done = subprocess.run([*command, *(["--quick"] if quick else [])], check=False)
    if done.returncode != 0 or not RESULT.exists():
        raise RecommendError(f"bench.recommend ended with code {done.returncode}")
    results: dict[str, Any] = orjson.loads(RESULT.read_bytes())
    return [Figure(**figure) for figure in results.get("figures", [])], results
