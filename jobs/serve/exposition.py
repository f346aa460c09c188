"""All families of one answer of `/metrics`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from jobs.health.verdict import Verdict
from jobs.serve.own_metrics import of_disks, of_health, of_scrape
from jobs.serve.read_metrics import Scrape


class GivenFamilies(Collector):
    """Hands prometheus_client what was read before."""

    def __init__(
        self, scrape: Scrape, verdicts: Sequence[Verdict], folders: Mapping[str, Path]
    ) -> None:
        self._scrape = scrape
        self._verdicts = verdicts
        self._folders = folders

    def collect(self) -> Iterator[Family]:
        """Yield every family; of statements that failed there is none."""
        yield from of_scrape(self._scrape)
        for reading, rows in self._scrape.rows.items():
            for metric in reading.metrics:
                yield metric.family(rows)
        yield from of_health(self._verdicts)
        yield from of_disks(self._folders)
