"""Each alert rule fires on what it is for, and none does on a healthy job, says promtool."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import jobs.monitoring
from jobs.metrics.catalogue import CATALOGUE, FLINK_METRICS
from jobs.serve.catalogue import READINGS
from jobs.serve.own_metrics import OWN_METRICS
from tests.jobs.monitoring import healthy as at

FOLDER = Path(jobs.monitoring.__path__[0])
ALERTS = FOLDER / "alerts.yml"
TROUBLESHOOTING = Path(__file__).parents[3] / "docs" / "troubleshooting.md"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load(ALERTS.read_text())["groups"]
    for rule in group["rules"]
}

ASKED = "3h"
"""When the rules are asked: long after every fault below has begun."""

FAULTS: dict[str, dict[str, str]] = {
    # What differs from a healthy job; a sample a minute for three hours.
    "InterestreamNotCommitting": {at.CHECK_COMMIT: "0x100 2x100"},
    "InterestreamJobMissing": {at.RESTARTS: "2x60"},
    "InterestreamJobRestarts": {at.RESTARTS: "2x150 3x50"},
    "InterestreamJobRestartsOften": {at.RESTARTS: "2x150 3x3 4x3 5x3 6x3 7x3 8x50"},
    "InterestreamCheckpointsFail": {at.COMPLETED: "5x200", at.FAILED: "0+1x200"},
    "InterestreamNoCheckpoint": {at.COMPLETED: "5x200"},
    "InterestreamFreshnessLow": {
        at.bucket("500"): "0+900x200",
        at.bucket("5000"): "0+950x200",
    },
    "InterestreamPostgresWaits": {at.POSTGRES_WAITING: "0x150 30+60x50"},
    "InterestreamPostgresRetries": {at.POSTGRES_RETRIES: "3x150 4+1x50"},
    "InterestreamEncoderBehind": {at.QUEUE_AGE: "0+60000x200"},
    "InterestreamFlinkDown": {at.FLINK_UP: "1x150 0x50"},
    "InterestreamLagGrows": {at.LAG: "0x150 60+60x50"},
    "InterestreamDeadLetters": {at.DEAD: "10+200x200"},
    "InterestreamWaitingGrows": {at.WAITING: "10+300x200"},
    "InterestreamTrendsBehind": {at.TREND_LAG: "30x100 60+60x100"},
    "InterestreamServeDown": {at.SERVE_UP: "1x150 0x50"},
    "InterestreamPostgresDown": {at.UP: "1x150 0x50"},
    "InterestreamMetricsMissing": {at.READING_FAILED: "0x150 1x50"},
    "InterestreamConnectionsHigh": {at.CONNECTIONS: "95x200"},
    "InterestreamMaintainOverdue": {at.CHECK_MAINTENANCE: "0x100 1x100"},
    "InterestreamDiskFull": {at.DISK_FREE: "9000000000x200"},
}
ALSO_FIRES = {
    # The weaker of two rules about the same thing.
    "InterestreamJobRestartsOften": {"InterestreamJobRestarts"},
    "InterestreamCheckpointsFail": {"InterestreamNoCheckpoint"},
}


def run_tests(promtool: Path, folder: Path, tests: list[dict[str, Any]]) -> str:
    """What promtool says of the tests; empty where all pass."""
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    file = folder / "tests.yml"
    file.write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [promtool, "test", "rules", file], capture_output=True, text=True, check=False, timeout=120
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def firing(series: dict[str, str], alerts: set[str], at_time: str = ASKED) -> dict[str, Any]:
    """A test that exactly these alerts fire."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(alerts)]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": at_time,
                "exp_samples": samples,
            }
        ],
    }


def test_promtool_accepts_the_rules_and_the_configuration(promtool: Path) -> None:
    for check in ("rules", ALERTS), ("config", FOLDER / "prometheus.yml"):
        done = subprocess.run(
            [promtool, "check", *check], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_its_fault() -> None:
    assert FAULTS.keys() == RULES.keys()


def test_nothing_fires_on_a_healthy_job(promtool: Path, tmp_path: Path) -> None:
    tests = [firing(at.HEALTHY, set(), time) for time in ("5m", "30m", ASKED)]
    assert run_tests(promtool, tmp_path, tests) == ""


def test_each_alert_fires_on_its_fault_and_no_other_does(promtool: Path, tmp_path: Path) -> None:
    tests = [
        firing({**at.HEALTHY, **fault}, {name} | ALSO_FIRES.get(name, set()))
        for name, fault in FAULTS.items()
    ]
    assert run_tests(promtool, tmp_path, tests) == ""


@pytest.mark.parametrize(
    ("series", "alert"),
    [
        ({at.SERVE_UP: "_x200"}, "InterestreamServeDown"),
        ({at.MAINTAIN: "-200000x200"}, "InterestreamMaintainOverdue"),
        ({at.DISK_FREE: "29000000000-80000000x200"}, "InterestreamDiskFull"),
    ],
)
def test_an_alert_of_two_causes_fires_on_the_other_one(
    promtool: Path, tmp_path: Path, series: dict[str, str], alert: str
) -> None:
    assert run_tests(promtool, tmp_path, [firing({**at.HEALTHY, **series}, {alert})]) == ""


def test_the_rules_name_metrics_that_there_are() -> None:
    """Names of the two catalogues; `up` is Prometheus' own."""
    known = {
        *(name for metric in CATALOGUE for name in metric.prometheus),
        *(metric.prometheus for metric in FLINK_METRICS),
        *(metric.name for reading in READINGS for metric in reading.metrics),
        *(metric.name for metric in OWN_METRICS),
    }
    for name, rule in RULES.items():
        used = set(re.findall(r"\b(?:flink|interestream)_\w+", rule["expr"]))
        assert used <= known, name
        assert used or "up{" in rule["expr"], name


def test_each_alert_says_what_it_is_and_what_to_do() -> None:
    page = TROUBLESHOOTING.read_text()
    assert "\n## When an alert fires\n" in page
    rows = re.findall(r"^\| `(Interestream\w+)` \|", page, re.MULTILINE)
    assert rows == list(RULES)
    for rule in RULES.values():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == "docs/troubleshooting.md#when-an-alert-fires"
        assert len(rule["annotations"]["summary"]) <= 80
