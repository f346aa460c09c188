"""The page of monitoring agrees with the catalogue of `interestream serve` and the alert rules."""

import re
from pathlib import Path
from typing import Any

import yaml

import jobs.monitoring
from jobs.serve.table import HEAD, metric_rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "monitoring.md").read_text()
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((Path(jobs.monitoring.__path__[0]) / "alerts.yml").read_text())[
        "groups"
    ]
    for rule in group["rules"]
]


def alert_row(rule: dict[str, Any]) -> str:
    """Labels in a summary are shown by their name."""
    says = re.sub(r"{{ \$labels\.(\w+) }}", r"(\1)", rule["annotations"]["summary"])
    wait = rule.get("for", "at once")
    return f"| `{rule['alert']}` | {rule['labels']['severity']} | {says} | {wait} |"


def test_every_metric_of_the_database_has_its_row() -> None:
    assert "\n".join((*HEAD, *metric_rows())) in PAGE


def test_every_alert_has_its_row() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `Interestream")]
    assert rows == [alert_row(rule) for rule in ALERTS]
