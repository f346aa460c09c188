"""The figures of sources beside files, from made-up turns."""

import pytest

from bench.freshness.pacing import Paced
from bench.harness.figures import Figure
from bench.sources.result import SourceResult, figures
from bench.throughput.measure import Measured


def turn(
    source: str, number: int, rate: float, cpu_us: dict[str, float], p50: float, windows: float = 1
) -> SourceResult:
    burst = Measured(
        events_per_s=rate,
        events=1_000,
        seconds=2.0,
        warm_up_s=1.0,
        warm_up_events=10,
        cpu_us_per_event=cpu_us,
        threads_us_per_event={
            "interest step (": 9.0,
            "WindowAggregate": windows,
            "Source: events_": 2.0,
            "SourceCoordinat": 0.25,
        },
        rows_per_event={"users": 0.5},
        batch_events=4_321.0,
        batch_s=0.1,
        buckets=1,
        peak_memory_mb={},
        series=[],
    )
    paced = Paced("fixed rate", 5_000, 4_998, 10, {50: p50, 95: 2 * p50, 99: 3 * p50}, [])
    return SourceResult(source, number, "one-window", burst, paced)


def job(own_us: float, **apart: float) -> dict[str, float]:
    return {"JVM and Python": own_us - 0.5, "encoder (launcher)": 0.5, "Postgres": 7.0, **apart}


TURNS = [
    turn("files", 1, 50_000, job(20.0), 60),
    turn("kafka", 1, 44_000, job(21.0, broker=2.0), 78),
    turn("flat", 1, 47_000, job(21.0), 70, windows=2.25),
    turn("files", 2, 60_000, job(24.0), 64),
    turn("kafka", 2, 56_000, job(23.0, broker=3.0), 82),
    turn("flat", 2, 49_000, job(26.5), 72, windows=2.75),
]


def by_name(found: list[Figure]) -> dict[str, Figure]:
    return {one.name: one for one in found}


def test_a_topic_stands_beside_files_with_the_medians_of_the_turns() -> None:
    found = by_name(figures(TURNS))
    rate = found["events/s, kafka"]
    assert (rate.value, rate.reference, rate.reference_name) == (50_000, 55_000, "files")
    assert rate.ratio == pytest.approx(0.909, abs=0.001)
    assert (rate.goal, rate.met) == ("ratio >= 0.9", True)
    assert rate.detail.startswith("turns 44,000, 56,000; Postgres 7.0 us/event; broker 2.5 us")
    delay = found["freshness p50, kafka"]
    assert (delay.value, delay.reference) == (80, 62)
    assert (delay.goal, delay.met) == ("at most 20 ms above", True)
    assert found["freshness p99, kafka"].value == 240
    assert found["freshness p99, kafka"].goal == ""


def test_the_processor_time_of_a_mapping_is_the_jobs_without_postgres_and_broker() -> None:
    found = by_name(figures(TURNS))
    flat = found["processor time of the job per event, flat"]
    assert (flat.value, flat.reference) == (23.75, 22.0)
    assert (flat.goal, flat.met) == ("at most 1.5 us above", False)
    assert flat.detail == (
        "turns 21.0, 26.5; +1.8 us; threads of sources and windows 4.8 us, +1.5 us"
    )
    kafka = found["processor time of the job per event, kafka"]
    assert (kafka.value, kafka.goal, kafka.met) == (22.0, "", None)


def test_files_stand_beside_nothing_and_all_goals_are_open_without_them() -> None:
    files = by_name(figures(TURNS))["events/s, files"]
    assert (files.value, files.reference, files.reference_name) == (55_000, None, "")
    detail = by_name(figures(TURNS))["processor time of the job per event, files"].detail
    assert detail == "turns 20.0, 24.0; threads of sources and windows 3.2 us"
    alone = figures([one for one in TURNS if one.source == "kafka"])
    assert [(one.reference, one.met) for one in alone] == [(None, None)] * 4
    assert figures([]) == []


def test_a_result_is_kept_with_its_source_and_turn() -> None:
    kept = TURNS[1].as_json()
    assert (kept["source"], kept["turn"], kept["profile"]) == ("kafka", 1, "one-window")
    assert (kept["events_per_s"], kept["job_us_per_event"]) == (44_000, 21.0)
    assert kept["reading_us_per_event"] == 3.25
    assert kept["paced"]["delay_ms"] == {"p50": 78, "p95": 156, "p99": 234}
