"""The chance of clicks: what is of interest to a person is clicked more often."""

import numpy as np
import pytest

from jobs.simulator.clicks import ClickChances, true_rate
from jobs.simulator.simulation import Settings, simulate


def test_the_true_topics_decide():
    simulation = simulate(Settings(seed=5, users=20, events=400, items=120))
    end_ms = simulation.settings.end_ms
    user = "user-03"
    wanted = set(simulation.true_topics(user, end_ms))
    items = list(simulation.catalogue.items)
    on = [item for item in items if simulation.topic_of(item) in wanted]
    off = [item for item in items if simulation.topic_of(item) not in wanted]
    chances = ClickChances(on_topic=0.5, off_topic=0.1)
    found = chances.of_list(simulation, user, [on[0], off[0], on[1]])
    assert np.array_equal(found, [0.5, 0.1, 0.5])
    lists = {user: [on[0], off[0]], "user-04": []}
    assert true_rate(simulation, lists, chances) == pytest.approx(0.3)
