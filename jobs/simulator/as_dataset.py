"""A simulation as a data set, for replays that are checked against the truth."""

from dataclasses import dataclass

from jobs.datasets.dataset import Dataset
from jobs.simulator.chapters import Chapter, chapters
from jobs.simulator.simulation import Settings, Simulation, simulate


@dataclass(frozen=True, kw_only=True)
class SimulatedDataset(Dataset):
    """A data set that knows the truth about itself: `simulation.truth`."""

    simulation: Simulation

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The same events, with items that change and commands between them."""
        return chapters(self.simulation)


def simulated_dataset(
    *,
    seed: int = Settings.seed,
    users: int = Settings.users,
    events: int = Settings.events,
    items: int = Settings.items,
    days: int = Settings.days,
    end_ms: int = Settings.end_ms,
) -> SimulatedDataset:
    """All items, then all event lines in the order of arrival.

    The events are disordered already: some come late, twice, broken or for items that never
    appear. The same arguments give the same lines.
    """
    simulation = simulate(
        Settings(seed=seed, users=users, events=events, items=items, days=days, end_ms=end_ms)
    )
    return SimulatedDataset(
        name="simulator",
        items=simulation.items,
        events=lambda: iter(simulation.lines),
        item_rows=len(simulation.catalogue.items),
        event_rows=len(simulation.lines),
        simulation=simulation,
    )
