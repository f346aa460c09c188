"""What a run of `bench.run` measures: its options, read from the command line."""

from dataclasses import dataclass
from pathlib import Path

from bench.throughput.measure import Plan
from bench.throughput.part import Batches
from bench.throughput.workload import Spread


@dataclass(frozen=True)
class Sizes:
    """How much each part measures where no option says otherwise; times in seconds."""

    users: str
    spreads: str
    modes: str
    events: int
    warm_up_s: float
    limit_s: float
    texts: int
    encoder_s: float
    burst_events: int
    paced_s: float
    state_users: int
    state_events: int
    kills: int
    source_events: int
    source_paced_s: float
    source_turns: int


FULL = Sizes(
    users="20000,200000",
    spreads="uniform,zipf",
    modes="live,replay",
    events=2_000_000,
    warm_up_s=30.0,
    limit_s=90.0,
    texts=6_000,
    encoder_s=20.0,
    burst_events=1_000_000,
    paced_s=60.0,
    state_users=20_000,
    state_events=400_000,
    kills=5,
    source_events=1_500_000,
    source_paced_s=20.0,
    source_turns=2,
)
QUICK = Sizes(
    users="2000",
    spreads="uniform",
    modes="live",
    events=60_000,
    warm_up_s=5.0,
    limit_s=20.0,
    texts=600,
    encoder_s=3.0,
    burst_events=40_000,
    paced_s=8.0,
    state_users=1_000,
    state_events=10_000,
    kills=1,
    source_events=200_000,
    source_paced_s=5.0,
    source_turns=1,
)


@dataclass(frozen=True)
class Options:
    """The options of one run, with the defaults filled in."""

    parts: tuple[str, ...]
    """Parts to measure, in this order."""
    quick: bool
    sizes: Sizes
    engines: tuple[str, ...]
    """Engines whose throughput is measured."""
    batches: tuple[Batches, ...]
    """How the batches of the peers are closed."""
    profiles: tuple[str, ...]
    modes: tuple[str, ...]
    users: tuple[int, ...]
    """Numbers of distinct users; freshness is measured with the first one."""
    spreads: tuple[Spread, ...]
    plan: Plan
    """How long a run of throughput is measured."""
    threads: tuple[int, ...]
    """Numbers of threads of the encoder."""
    sources: tuple[str, ...]
    """Sources that are set beside files."""
    turns: int
    """How often each of them is measured."""
    overrides: tuple[str, ...]
    """Configuration of the job, SECTION.KEY=VALUE."""
    page: Path | None
    """A Markdown page that the table is written into."""
    show_threads: bool
    """Whether the processor time of the JVM's threads is printed."""


def names(text: str) -> tuple[str, ...]:
    """The names in a list with commas.

    >>> names("live, replay,")
    ('live', 'replay')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


def spread(name: str) -> Spread:
    """A spread of users by name; any name but "zipf" is uniform."""
    return "zipf" if name == "zipf" else "uniform"


def batches(name: str) -> Batches:
    """How a peer closes its batches, by name; any name but "same" is free."""
    return "same" if name == "same" else "free"
