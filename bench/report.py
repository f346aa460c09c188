"""The figures as tables for people."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from bench.throughput.part import Done


def throughput_table(done: Sequence[Done]) -> Table:
    """One row per run."""
    table = Table(title="item events from source to committed rows")
    for name in ("engine", "profile", "mode", "users"):
        table.add_column(name)
    for name in (
        "events/s",
        "measured",
        "batch",
        "rows per event",
        "CPU us per event",
        "peak MB",
    ):
        table.add_column(name, justify="right")
    for one in done:
        case, found = one.case, one.measured
        table.add_row(
            case.label,
            case.profile,
            case.mode,
            f"{case.workload.users:,} {case.workload.spread}",
            f"{found.events_per_s:,.0f}",
            f"{found.events:,} in {found.seconds:.0f} s",
            f"{found.batch_events:,.0f} events\n{found.batch_s * 1000:,.0f} ms",
            _parts(found.rows_per_event, "{:.2f}"),
            _parts(found.cpu_us_per_event, "{:.1f}", least=0.05),
            _parts(found.peak_memory_mb, "{:,.0f}"),
        )
    return table


def threads_table(done: Sequence[Done]) -> Table:
    """Where the JVM's processor time goes: its dearest threads, by run."""
    table = Table(title="CPU us per event by thread of the JVM (steps run Python in theirs)")
    table.add_column("run")
    table.add_column("threads")
    for one in done:
        if one.measured.threads_us_per_event:
            dearest = list(one.measured.threads_us_per_event.items())[:12]
            table.add_row(one.case.name, ", ".join(f"{name} {us:.1f}" for name, us in dearest))
    return table


def _parts(values: Mapping[str, float], form: str, least: float = 0.0) -> str:
    """Several figures in one cell, the sum first where there is more than one."""
    kept = {name: value for name, value in values.items() if value >= least}
    lines = [f"{name} {form.format(value)}" for name, value in kept.items()]
    if len(kept) > 1:
        lines.insert(0, form.format(sum(kept.values())))
    return "\n".join(lines)
