"""A sequence model within an evaluation, trained by the command that a schedule runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

from jobs.evaluation.errors import EvaluationError
from jobs.secret_values import DSN

CHECK_S = 0.5
"""How often the job of an evaluation looks for a model, in seconds."""


def sequence_overrides(work: Path) -> tuple[str, ...]:
    """Settings of a job that finds the model, as SECTION.KEY=VALUE."""
    return (
        f"encoder.registry={_registry(work)}",
        f"sequence.check_s={CHECK_S}",
        # A step of an evaluation is a few events: each user has the vector of now.
        "sequence.time_share=1",
    )


def train_sequence(dsn: str, work: Path, seed: int) -> None:
    """Train a model on what is in the database, whether it is better or not, and let it serve.

    Raises EvaluationError with what the command said where it failed.
    """
    command = [
        *(sys.executable, "-m", "model_export", "sequence", "--force", "--json"),
        *("--registry", str(_registry(work)), "--seed", str(seed)),
    ]
    done = subprocess.run(
        command,
        env={**os.environ, DSN: dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EvaluationError(f"no sequence model could be trained: {done.stderr.strip()}")
    # The job has it within two looks.
    time.sleep(4 * CHECK_S)


def _registry(work: Path) -> Path:
    return work / "models"
