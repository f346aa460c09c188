"""A Prometheus on loopback for as long as a block runs, and its answers."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

import jobs.monitoring
from jobs.errors import EnvironmentNotReadyError
from jobs.runtime import processes

RULES = Path(jobs.monitoring.__path__[0]) / "alerts.yml"
START_S = 60.0


@dataclass(frozen=True)
class Series:
    """A series of an answer: its labels, times in seconds since 1970 and values."""

    labels: Mapping[str, str]
    at_s: Sequence[float]
    values: Sequence[float]


class PrometheusServer:
    """Prometheus with the alert rules; `targets` are addresses by the name of the scrape job.

    `wait` replaces how long the rules wait before they fire. Raises EnvironmentNotReadyError where
    the program is missing, or does not start.
    """

    def __init__(
        self,
        folder: Path,
        targets: Mapping[str, Sequence[str]],
        *,
        every: str = "15s",
        wait: str = "",
    ) -> None:
        program = shutil.which("prometheus")
        if program is None:
            raise EnvironmentNotReadyError(
                "prometheus is missing (Debian: apt-get install --no-install-recommends prometheus)"
            )
        folder.mkdir(parents=True, exist_ok=True)
        rules = yaml.safe_load(RULES.read_text())
        for group in rules["groups"]:
            for rule in group["rules"]:
                rule.update({"for": wait} if wait else {})
        (folder / "rules.yml").write_text(yaml.safe_dump(rules))
        config = {
            "global": {"scrape_interval": every, "evaluation_interval": every},
            "rule_files": [str(folder / "rules.yml")],
            "scrape_configs": [
                {"job_name": name, "static_configs": [{"targets": list(addresses)}]}
                for name, addresses in targets.items()
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._log = folder / "prometheus.log"
        self._address = f"127.0.0.1:{processes.free_port()}"
        self._command = [
            program,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={self._address}",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PrometheusServer":
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_S
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise EnvironmentNotReadyError(
                    f"prometheus does not start: {self._log.read_text(errors='replace')[-500:]}"
                )
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def ask(self, query: str) -> list[Series]:
        """What an instant query answers now. Raises ValueError with what Prometheus says of it."""
        found = self._get("query", query=query)["result"]
        return [Series(each["metric"], *_columns([each["value"]])) for each in found]

    def ask_range(self, query: str, from_s: float, until_s: float, step_s: float) -> list[Series]:
        """What a query answers at steps between two times, in seconds since 1970."""
        found = self._get("query_range", query=query, start=from_s, end=until_s, step=step_s)
        return [Series(each["metric"], *_columns(each["values"])) for each in found["result"]]

    def alerts(self, state: str = "firing") -> dict[str, dict[str, Any]]:
        """Annotations of the alerts in a state ("pending", "firing"), by name."""
        return {
            each["labels"]["alertname"]: each["annotations"]
            for each in self._get("alerts")["alerts"]
            if each["state"] == state
        }

    def targets_up(self) -> dict[str, bool]:
        """Whether each address answers, by address."""
        return {
            each["labels"]["instance"]: each["health"] == "up"
            for each in self._get("targets")["activeTargets"]
        }

    def rule_problems(self) -> list[str]:
        """What is wrong with rules, by their last evaluation."""
        return [
            f"{rule['name']}: {rule['lastError']}"
            for group in self._get("rules")["groups"]
            for rule in group["rules"]
            if rule.get("lastError")
        ]

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self._address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _get(self, page: str, **parameters: object) -> Any:
        query = urllib.parse.urlencode(parameters)
        address = f"http://{self._address}/api/v1/{page}?{query}"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters}: {error.read().decode()}") from error


def _columns(pairs: Sequence[tuple[float, str]]) -> tuple[list[float], list[float]]:
    return [float(at) for at, _ in pairs], [float(value) for _, value in pairs]
