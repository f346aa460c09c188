"""The printed and saved results of a benchmark."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.machine import Machine, describe_machine
from bench.harness.processes import Usage
from bench.history import Saved
from bench.report import figures_table, markdown, put_figures
from bench.throughput.measure import Measured, Snapshot, peak_memory_mb, series
from bench.throughput.part import Case, Result, batch_events_of, cases, figures
from bench.throughput.slope import Sample
from bench.throughput.workload import Workload

MACHINE = Machine("A processor", 2, ("avx2",), 8.0, 0.5, "Linux 6", {"Python": "3.11"})
SMALL = Workload(users=100, events=1_000)
SERIES: list[dict[str, object]] = [
    {"s": 0.0, "committed": 0, "memory_mb": {"JVM": 100}},
    {"s": 1.0, "committed": 500, "memory_mb": {"JVM": 110, "Postgres": 20}},
    {"s": 2.0, "committed": 1_000, "memory_mb": {"JVM": 120, "Postgres": 21}},
]


def done(engine: str, rate: float, batches: str = "free", profile: str = "one-window") -> Result:
    case = Case(engine, profile, "live", SMALL, "same" if batches == "same" else "free")
    measured = Measured(
        events_per_s=rate,
        events=1_000,
        seconds=2.0,
        warm_up_s=1.0,
        warm_up_events=10,
        cpu_us_per_event={"JVM": 20.0, "Postgres": 5.0},
        threads_us_per_event={},
        rows_per_event={"user_windows": 0.5, "users": 0.25},
        batch_events=4_321.4,
        batch_s=0.1,
        buckets=4,
        peak_memory_mb={"JVM": 120.0},
        series=SERIES,
    )
    return Result(case, measured)


def printed(found: list[Figure]) -> str:
    console = Console(width=200, file=io.StringIO())
    console.print(figures_table(MACHINE, found))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_our_job_stands_beside_the_fastest_peer_with_the_same_batches() -> None:
    runs = [
        done("ours", 60_000),
        done("bytewax", 30_000, "same"),
        done("bytewax", 200_000, "free"),
        done("pathway", 40_000, "same"),
    ]
    ours, *peers = figures(runs)
    assert (ours.reference, ours.reference_name) == (40_000, "pathway, same batches")
    assert ours.ratio == pytest.approx(1.5)
    assert ours.met is True
    assert all(peer.reference is None and peer.goal == "" for peer in peers)


@pytest.mark.parametrize(("ours", "peer"), [(49_999, 10), (60_000, 60_001)])
def test_the_goal_is_missed_below_the_number_or_behind_a_peer(ours: float, peer: float) -> None:
    assert figures([done("ours", ours), done("pathway", peer, "same")])[0].met is False


def test_a_peer_on_another_workload_is_no_reference() -> None:
    other = done("pathway", 70_000, "same")
    other = Result(Case("pathway", "one-window", "replay", SMALL, "same"), other.measured)
    assert figures([done("ours", 60_000), other])[0].reference is None


def test_peers_get_batches_as_large_as_ours_were() -> None:
    peer = Case("bytewax", "one-window", "live", SMALL, "same")
    assert batch_events_of(peer, [done("ours", 1.0)]) == 4_321
    assert batch_events_of(peer, []) == 5_000, "100 ms of 50,000 events/s"
    assert batch_events_of(Case("bytewax", "one-window", "live", SMALL), [done("ours", 1.0)]) == 0


def test_peers_follow_our_job_and_do_one_window_only() -> None:
    planned = cases(
        ["pathway", "ours"], ["all", "one-window"], ["live"], [100], ["uniform"], ["same"], 1_000
    )
    assert [(case.engine, case.profile) for case in planned] == [
        ("ours", "all"),
        ("ours", "one-window"),
        ("pathway", "one-window"),
    ]


def test_the_table_shows_the_machine_every_figure_and_its_reference() -> None:
    text = printed(
        [
            Figure("encoder", "texts/s", 250.0, "texts/s", 260.0, "bare loop", ">= 0.95", True),
            Figure("state", "state per user", 5_600.0, "bytes"),
        ]
    )
    for word in ("A processor", "avx2", "encoder: texts/s", "260 bare loop", "0.96", "5,600 bytes"):
        assert word in text


def test_markdown_says_whether_a_goal_is_met() -> None:
    found = [
        Figure("freshness", "p50", 90.0, "ms", goal="<= 100 ms", met=True),
        Figure("freshness", "p99", 400.0, "ms", goal="<= 300 ms", met=False),
    ]
    text = markdown(MACHINE, found)
    assert "| freshness: p50 | 90 ms |  |  | <= 100 ms: yes |  |" in text
    assert "| freshness: p99 | 400 ms |  |  | <= 300 ms: no |  |" in text


def test_a_part_with_marks_of_its_own_has_a_table_of_its_own() -> None:
    page = "<!-- bench -->\nold\n<!-- /bench -->\n<!-- bench sources -->\n<!-- /bench sources -->\n"
    sources = Figure("sources", "events/s, kafka", 90.0, "events/s")
    alone = put_figures(page, MACHINE, [sources])
    table, own = alone.split("<!-- bench sources -->")
    assert table == "<!-- bench -->\nold\n<!-- /bench -->\n"
    assert "| sources: events/s, kafka | 90 events/s |" in own
    both = put_figures(page, MACHINE, [sources, Figure("state", "size", 5.0, "bytes")])
    table, own = both.split("<!-- bench sources -->")
    assert "| state: size | 5 bytes |" in table
    assert "sources" not in table
    assert "old" not in table
    assert "state" not in own


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines <!-- bench --> and <!-- /bench -->"):
        put_figures("# Costs\n", MACHINE, [Figure("state", "size", 5.0, "bytes")])


def test_a_run_is_kept_with_its_figures_and_a_plot_for_each_series(tmp_path: Path) -> None:
    runs = [done("ours", 60_000), done("bytewax", 30_000, "same")]
    saved = Saved(MACHINE, quick=True, root=tmp_path)
    saved.write({"throughput": [run.as_json() for run in runs], "encoder": []}, figures(runs))
    assert saved.folder.parent == tmp_path
    kept = json.loads((saved.folder / "results.json").read_text())
    assert kept["quick"] is True
    assert kept["machine"]["cores"] == 2
    assert kept["throughput"][0]["series"] == SERIES
    assert kept["figures"][0]["ratio"] == 2.0
    plots = sorted(saved.folder.glob("*.png"))
    assert [plot.name for plot in plots] == [
        "01-throughput-ours-one-window-live.png",
        "02-throughput-bytewax-one-window-live.png",
    ]
    assert all(plot.read_bytes().startswith(b"\x89PNG") for plot in plots)


def test_a_plot_is_named_by_its_source_and_turn(tmp_path: Path) -> None:
    saved = Saved(MACHINE, quick=True, root=tmp_path)
    run = {"source": "kafka", "turn": 2, "profile": "one-window", "series": SERIES}
    saved.write({"sources": [run]}, [])
    assert [plot.name for plot in saved.folder.glob("*.png")] == [
        "01-sources-kafka-one-window-2.png"
    ]


def test_memory_is_reported_without_the_benchmarks_own() -> None:
    snapshots = [
        Snapshot(Sample(at_s, 0), Usage(at_s, {}, {"benchmark": 50.0, "JVM": mb}, {}), {}, 0, 0)
        for at_s, mb in ((0.0, 100.4), (0.5, 300.2), (1.0, 200.0))
    ]
    assert peak_memory_mb(snapshots) == {"JVM": 300.2}
    assert [point["memory_mb"] for point in series(snapshots)] == [
        {"JVM": 100},
        {"JVM": 300},
        {"JVM": 200},
    ]


def test_this_machine_is_described() -> None:
    found = describe_machine()
    assert found.cores >= 1
    assert found.memory_gb > 0.1
    assert found.versions["Python"].startswith("3.11")
    assert "apache-flink" in found.versions


def test_a_machine_is_read_from_what_the_kernel_says(tmp_path: Path) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text("processor\t: 0\nmodel name\t: Fast One\nflags\t\t: fpu avx2 amx_int8\n")
    found = describe_machine(cpu_info)
    assert found.cpu == "Fast One"
    assert found.instructions == ("avx2", "amx_int8")
