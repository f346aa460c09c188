"""How simulated people click on what they are shown, and so the truth about variants of lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.simulator.simulation import Simulation

Lists = Mapping[str, Sequence[str]]
"""The items that are shown to each user."""


@dataclass(frozen=True)
class ClickChances:
    """The chance that a person clicks on an item that is shown, by whether it is of interest."""

    on_topic: float = 0.30
    off_topic: float = 0.03

    def of_list(
        self, simulation: Simulation, user_id: str, item_ids: Sequence[str]
    ) -> NDArray[np.float64]:
        """The chance of a click on each item of a list, at the end of the simulated time."""
        wanted = simulation.true_topics(user_id, simulation.settings.end_ms)
        return np.array(
            [
                self.on_topic if simulation.topic_of(item_id) in wanted else self.off_topic
                for item_id in item_ids
            ]
        )


def true_rate(simulation: Simulation, lists: Lists, chances: ClickChances) -> float:
    """Clicks per shown item that everybody's lists have in expectation."""
    expected = [chances.of_list(simulation, user_id, items) for user_id, items in lists.items()]
    return float(np.concatenate(expected).mean())
