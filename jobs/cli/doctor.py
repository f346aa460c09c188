"""`interestream doctor`: one page about everything that the job needs."""

import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from jobs.cli.cluster import DEFAULT_FOLDER, ClusterFolder, JobManager
from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import (
    CHECK_FAILED,
    AsJson,
    ConfigFile,
    Dsn,
    Overrides,
    Space,
    console,
    report_errors,
)
from jobs.cli.output import print_json

if TYPE_CHECKING:
    from jobs.doctor.finding import Finding

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
EXAMPLES = """
[bold]Examples[/]

interestream doctor

interestream doctor --config job.toml --jobmanager flink:8081 --json

[bold]Exit codes[/] 0 nothing failed (warnings do not count), 1 a line failed, 2 a wrong option.
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("doctor", rich_help_panel="Maintain", epilog=EXAMPLES)(doctor)


@report_errors
def doctor(
    dsn: Dsn = "",
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
    config: ConfigFile = None,
    override: Overrides = None,
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Check all that the job needs: this machine, Flink, Postgres, the space and the folders.

    It takes the options of `submit`, changes nothing, and says what to do about each line that is
    not ok.
    """
    from jobs.doctor.run import examine  # noqa: PLC0415

    findings = examine(
        config, override or [], dsn, jobmanager=jobmanager, cluster=folder, space=space
    )
    counts: Counter[str] = Counter(finding.level for finding in findings)
    if as_json:
        numbers = {level: counts[level] for level in ("ok", "warn", "fail")}
        print_json({**numbers, "findings": [asdict(finding) for finding in findings]})
    else:
        _print_page(findings)
        warnings = f"{counts['warn']} warning{'' if counts['warn'] == 1 else 's'}"
        console.print(f"\n{counts['ok']} ok, {warnings}, {counts['fail']} failed", highlight=False)
    if counts["fail"]:
        sys.exit(CHECK_FAILED)


def _print_page(findings: "list[Finding]") -> None:
    area = ""
    for finding in findings:
        if finding.area != area:
            area = finding.area
            console.print(area, style="bold")
        console.print(f"  {finding.level:<4}", style=STYLES[finding.level], end="  ")
        _print(finding.found)
        if finding.advice:
            _print(f"        -> {finding.advice}")


def _print(text: str) -> None:
    # Not wrapped, so that a command can be copied.
    console.print(escape_controls(text), markup=False, highlight=False, soft_wrap=True)
