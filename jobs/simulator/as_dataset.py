"""A simulation as a data set, for replays that are checked."""

from dataclasses import dataclass

from jobs.datasets.dataset import Dataset
from jobs.simulator.chapters import Chapter, chapters
from jobs.simulator.simulation import Settings, Simulation, simulate


@dataclass(frozen=True, kw_only=True)
class SimulatedDataset(Dataset):
    """A data set with the simulation that made it; `simulation.truth` counts its lines."""

    simulation: Simulation

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The same events in chapters, with changes of items and commands between them."""
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
    """A data set of a simulation: all items, and the event lines in the order of arrival.

    Some events arrive late, twice, broken or for items that never appear. `end_ms` is the end of
    the simulated time in epoch milliseconds. The same arguments give the same lines.
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
