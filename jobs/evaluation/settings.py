"""What an evaluation asks, as one value."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jobs.evaluation.errors import EvaluationError

Protocol = Literal["prequential", "leave-one-out"]

RECOMMEND = "recommend()"
FROZEN = "recommend(), frozen"
COMPARED = "recommend(), compared"
"""Names of the three ways in which the system is asked."""
EARLIER = "recommend(), earlier"
"""Name of the answers of another evaluation."""

RUN_SETTINGS = (
    "encoder.threads=2",
    "batching.batch_ms=20",
    "sources.monitor_interval_ms=10",
    # Every row is written with its batch: what is committed is all there is to know.
    "interest.slow_delay_s=0",
    # A replay runs through days in seconds: what is written behind the commit must not lag by more.
    "trends.update_s=1",
    "trends.write_ms=50",
    "trends.merge_ms=50",
    "trends.quiet_ms=150",
    "neighbors.update_s=1",
    # Learn as much from thousands of events as a running job from millions.
    "learning.time_share=1",
    "learning.sample=0.5",
)
"""Settings of the job during an evaluation, as SECTION.KEY=VALUE."""


@dataclass(frozen=True)
class Settings:
    """The options of an evaluation. The same settings and data give the same questions."""

    protocol: Protocol = "prequential"
    questions: int = 200
    """Number of questions at most."""
    share: float = 0.2
    """Share of the interactions that is the test part, its end."""
    seed: int = 1
    frozen: bool = False
    """Whether each user is also asked for before the test part is fed."""
    compare_sql: str = ""
    """Statements that are run, and rolled back, around a second question; empty for none."""
    overrides: tuple[str, ...] = ()
    """Settings of the job, as SECTION.KEY=VALUE, behind RUN_SETTINGS."""
    warm_up: int = 4_000
    """Number of interactions before the first question that are fed in small steps, so that what
    is learned from them is learned from tables that are up to date. Nothing is learned before."""
    sequence: bool = False
    """Whether a sequence model is trained on what comes before the warm-up, and serves."""
    settle_s: float = 0.0
    """Pause in seconds between the commit and a question, for what is written behind it."""

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways in which the system is asked."""
        frozen = (FROZEN,) if self.frozen else ()
        compared = (COMPARED,) if self.compare_sql else ()
        return (RECOMMEND, *frozen, *compared)

    def check(self, *, baselines_only: bool) -> None:
        """Raise EvaluationError when options exclude each other."""
        if self.sequence and baselines_only:
            raise EvaluationError("--baselines-only asks no system: leave out --sequence")
        if self.frozen and self.protocol != "prequential":
            raise EvaluationError("--frozen needs a test part, which leave-one-out does not have")
        if baselines_only and len(self.ways) > 1:
            raise EvaluationError(
                "--baselines-only asks no system: leave out --frozen and --compare-sql"
            )

    def as_dict(self) -> dict[str, Any]:
        """The settings that decide an answer, for a file; the statements as their SHA-256."""
        values = asdict(self)
        digest = hashlib.sha256(self.compare_sql.encode()).hexdigest()
        return {
            **values,
            "overrides": list(self.overrides),
            "compare_sql": digest if self.compare_sql else "",
        }
