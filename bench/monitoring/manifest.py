"""Writes the manifest for the Prometheus operator: python -m bench.monitoring.manifest.

Its alert rules are those of `alerts.yml`.
"""

from pathlib import Path
from typing import Any

import yaml

from bench.monitoring.prometheus import RULES

FILE = Path(__file__).parents[2] / "docker" / "kubernetes" / "monitoring.yaml"
HEAD = """\
# For the Prometheus operator: what it scrapes, and the alert rules. docs/monitoring.md says more.
# Made by `python -m bench.monitoring.manifest`. Your Prometheus may select by a label of its own
# (`release`, often): add it to the three.
"""
LABELS = {"app.kubernetes.io/name": "interestream"}
KIND = "monitoring.coreos.com/v1"


def made() -> str:
    """Return the file's text."""
    documents = [_serve(), _flink(), _rules()]
    text: str = yaml.safe_dump_all(documents, sort_keys=False, width=116)
    return HEAD + text


def _serve() -> dict[str, Any]:
    # Its job is named after the Service, as the alert rules expect.
    return {
        "apiVersion": KIND,
        "kind": "ServiceMonitor",
        "metadata": {"name": "interestream-serve", "labels": LABELS},
        "spec": {
            "selector": {"matchLabels": {**LABELS, "app.kubernetes.io/component": "serve"}},
            "endpoints": [{"port": "http", "path": "/metrics", "interval": "15s"}],
        },
    }


def _flink() -> dict[str, Any]:
    # Flink labels its pods with the deployment's name.
    return {
        "apiVersion": KIND,
        "kind": "PodMonitor",
        "metadata": {"name": "interestream-flink", "labels": LABELS},
        "spec": {
            "selector": {"matchLabels": {"app": "interestream", "type": "flink-native-kubernetes"}},
            "podMetricsEndpoints": [
                {
                    "port": "metrics",
                    "path": "/metrics",
                    "interval": "15s",
                    "relabelings": [{"targetLabel": "job", "replacement": "interestream-flink"}],
                }
            ],
        },
    }


def _rules() -> dict[str, Any]:
    return {
        "apiVersion": KIND,
        "kind": "PrometheusRule",
        "metadata": {"name": "interestream", "labels": LABELS},
        "spec": yaml.safe_load(RULES.read_text()),
    }


if __name__ == "__main__":
    FILE.write_text(made())
