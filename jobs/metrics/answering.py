"""Which processes of Flink answer Prometheus."""

import http.client
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

TIMEOUT_S = 2.0


def answering_ports(host: str, ports: Sequence[int]) -> list[int]:
    """Return the ports at which a process of Flink answers; all are asked at once."""
    if not ports:
        return []
    with ThreadPoolExecutor(len(ports)) as pool:
        answers = list(pool.map(partial(_answers, host), ports))
    return [port for port, answer in zip(ports, answers, strict=True) if answer]


def _answers(host: str, port: int) -> bool:
    """Whether this port answers as Flink's reporter does, whose names begin with `flink_`."""
    try:
        address = f"http://{host}:{port}/metrics"
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
            return any(line.startswith(b"flink_") for line in answer)
    except (OSError, http.client.HTTPException):
        return False
