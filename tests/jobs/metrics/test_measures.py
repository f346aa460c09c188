"""The metrics of a step: all of the catalogue from the start on, and cheap to fill."""

from typing import Any

import numpy as np
import pytest

from jobs.metrics.catalogue import CATALOGUE, CLOCK, INTEREST, USERS
from jobs.metrics.measures import Measures
from jobs.metrics.metric import BOUNDS_MS
from tests.fakes.keyed_context import FakeMetrics


@pytest.fixture
def group() -> FakeMetrics:
    return FakeMetrics()


def buckets(group: FakeMetrics, name: str) -> list[int]:
    read = group.read()
    return [read[f"{name}_bucket{{le={bound}}}"] for bound in (*BOUNDS_MS, "Inf")]


@pytest.mark.parametrize("step", sorted({step for each in CATALOGUE for step in each.steps}))
def test_every_metric_without_a_label_is_there_from_the_start_on_as_0(group, step):
    Measures(group, step)
    read = group.read()
    for metric in CATALOGUE:
        if step in metric.steps and not metric.label and metric.kind != "histogram":
            assert read[metric.name] == 0


def test_labels_that_are_known_are_there_as_0_and_others_with_their_first_value(group):
    measures = Measures(group, USERS, {"action": ["view", "like"]})
    measures.count_by_label("events", {"view": 3, "sing": 1})
    measures.count_by_label("events", {"view": 2})
    found = {name: each for name, each in group.read().items() if name.startswith("events{")}
    assert found == {"events{action=view}": 5, "events{action=like}": 0, "events{action=sing}": 1}


def test_two_metrics_of_a_name_are_told_apart_by_the_label(group):
    measures = Measures(group, USERS, {"reason": ["not_json"]})
    measures.count("dead_letters", 7)
    measures.count_by_label("dead_letters", {"not_json": 4})
    read = group.read()
    assert (read["dead_letters"], read["dead_letters{reason=not_json}"]) == (7, 4)


def test_a_name_that_is_not_in_the_catalogue_is_refused(group):
    measures = Measures(group, CLOCK)
    for call in (measures.count, measures.set):
        with pytest.raises(KeyError):
            call("nothing", 1)


def test_buckets_count_all_values_up_to_their_bound(group):
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.integers(-5_000, 400_000, 500), BOUNDS_MS, np.add(BOUNDS_MS, 1)])
    measures = Measures(group, USERS)
    for part in np.array_split(values, 7):
        measures.observe("freshness_ms", part)
    measures.observe("freshness_ms", np.array([], dtype=np.int64))
    assert buckets(group, "freshness_ms") == [
        sum(value <= bound for value in values) for bound in (*BOUNDS_MS, np.inf)
    ]
    read = group.read()
    assert read["freshness_ms_count"] == len(values)
    assert read["freshness_ms_sum"] == sum(max(0, value) for value in values)


def test_time_below_a_millisecond_is_not_lost(group):
    measures = Measures(group, INTEREST)
    for _ in range(10_000):
        measures.count_time("fold_time_ms", 0.000_25)
    assert group.read()["fold_time_ms"] in (2_499, 2_500)


def test_java_is_called_only_where_something_has_changed():
    calls: list[tuple[str, Any]] = []

    class Counting(FakeMetrics):
        def add_group(self, name, value=None):
            return self

        def counter(self, name):
            return self

        def distribution(self, name):
            return self

        def inc(self, by):
            calls.append(("inc", by))

        def update(self, value):
            calls.append(("update", value))

    measures = Measures(Counting(), USERS, {"action": ["view", "like"]})
    measures.count("applied", 0)
    measures.count_by_label("events", {"view": 0})
    measures.set("waiting", 0)
    assert calls == []
    measures.set("waiting", 2)
    measures.set("waiting", 2)
    assert calls == [("update", 2)]
