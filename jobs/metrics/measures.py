"""Fills the metrics that the catalogue has for a step."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pyflink.metrics import Counter, Distribution, MetricGroup

from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.metric import BOUNDS_MS, GROUP, NO_BOUND


class Measures:
    """The metrics of one step in one task; all of them are there from the start on.

    The task's own thread passes every value to Java, once per batch and only what has changed: a
    call takes about as long as parsing an event. A gauge of PyFlink would be read by another thread
    of Flink with the Python thread state of the task, and two threads on one stack of frames crash
    the process (docs/traps.md). So a value is a distribution, which holds the last one.

    `labels` are the values by label that are known beforehand: without them, the first that is
    counted would be no increase to Prometheus. A name that the catalogue does not have for the step
    raises KeyError.
    """

    def __init__(
        self,
        group: MetricGroup,
        step: str,
        labels: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> None:
        own = group.add_group(GROUP)
        self._counters: dict[str, Counter] = {}
        self._labelled: dict[str, _Labelled] = {}
        self._values: dict[str, _Value] = {}
        self._histograms: dict[str, _Histogram] = {}
        self._rests_ms: dict[str, float] = {}
        for metric in CATALOGUE:
            name = metric.name
            if step not in metric.steps:
                continue
            if metric.kind == "value":
                self._values[name] = _Value(own.distribution(name))
            elif metric.kind == "histogram":
                self._histograms[name] = _Histogram(own, name)
            elif metric.label:
                self._labelled[name] = _Labelled(own, name, metric.label)
                self._labelled[name].count(dict.fromkeys(labels.get(metric.label, ()), 0))
            else:
                self._counters[name] = own.counter(name)

    def count(self, name: str, added: int = 1) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        if added:
            counter.inc(added)

    def count_by_label(self, name: str, added: Mapping[str, int]) -> None:
        """Add to the counters of a name, by the value of its label."""
        self._labelled[name].count(added)

    def count_time(self, name: str, seconds: float) -> None:
        """Add to a counter of milliseconds; what is below one is kept for the next call."""
        total_ms = self._rests_ms.get(name, 0.0) + seconds * 1000
        whole_ms = int(total_ms)
        self._rests_ms[name] = total_ms - whole_ms
        self.count(name, whole_ms)

    def set(self, name: str, value: int) -> None:
        """Set the last value of a metric."""
        self._values[name].set(value)

    def observe(self, name: str, values_ms: NDArray[np.int64]) -> None:
        """Add values `(n,)` to a histogram; one below 0 counts as 0."""
        self._histograms[name].observe(values_ms)


class _Value:
    """A metric that holds the last value; Java is called only when the value changes."""

    def __init__(self, distribution: Distribution) -> None:
        self._distribution = distribution
        self._last = 0

    def set(self, value: int) -> None:
        if value != self._last:
            self._last = value
            self._distribution.update(value)


class _Labelled:
    """Counters of one name, by the value of a label; they are few."""

    def __init__(self, group: MetricGroup, name: str, label: str) -> None:
        self._group, self._name, self._label = group, name, label
        self._counters: dict[str, Counter] = {}

    def count(self, added: Mapping[str, int]) -> None:
        for value, number in added.items():
            counter = self._counters.get(value)
            if counter is None:
                counter = self._group.add_group(self._label, value).counter(self._name)
                self._counters[value] = counter
            if number:
                counter.inc(number)


class _Histogram:
    """Cumulative counters by upper bound, as Prometheus has them: PyFlink has no histogram."""

    def __init__(self, group: MetricGroup, name: str) -> None:
        self._bounds = np.array(BOUNDS_MS, dtype=np.int64)
        self._buckets = [
            group.add_group("le", str(bound)).counter(f"{name}_bucket")
            for bound in (*BOUNDS_MS, NO_BOUND)
        ]
        self._count = group.counter(f"{name}_count")
        self._sum = group.counter(f"{name}_sum")

    def observe(self, values_ms: NDArray[np.int64]) -> None:
        if not len(values_ms):
            return
        values_ms = np.maximum(values_ms, 0)
        places = np.searchsorted(self._bounds, values_ms)
        counts = np.bincount(places, minlength=len(self._buckets)).cumsum()
        for bucket, added in zip(self._buckets, counts.tolist(), strict=True):
            if added:
                bucket.inc(added)
        self._count.inc(len(values_ms))
        if total_ms := int(values_ms.sum()):
            self._sum.inc(total_ms)
