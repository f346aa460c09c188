"""`interestream maintain`: removes what is old and needed by no job."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.cluster import DEFAULT_FOLDER, ClusterFolder, JobManager
from jobs.cli.options import (
    NOT_DONE,
    AsJson,
    ConfigFile,
    Dsn,
    Overrides,
    error_console,
    report_errors,
    require_dsn,
)
from jobs.cli.output import print_json, print_line, print_note, print_rows

if TYPE_CHECKING:
    from jobs.maintenance.outcome import Done, Report

EXAMPLES = """
[bold]Examples[/]

interestream maintain --config job.toml --dry-run

interestream maintain --config job.toml --json      [dim]# from systemd, Kubernetes or cron[/]

[bold]Exit codes[/] 0 done, 2 not done, or not all of it (the message says why).
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("maintain", rich_help_panel="Maintain", epilog=EXAMPLES)(maintain_once)


@report_errors
def maintain_once(
    dsn: Dsn = "",
    config: ConfigFile = None,
    override: Overrides = None,
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be removed, and remove nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what is older than the keys of `retention` allow, once.

    Give it the configuration of the job. It works beside the job, in small transactions, and needs
    a role that is a member of interestream_admin. docs/retention.md says what grows, and what runs
    this command every night.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.maintenance.run import Place, maintain  # noqa: PLC0415

    loaded = load_config(config, override or [])
    dsn = require_dsn(dsn or loaded.database.dsn.get_secret_value())
    report = maintain(Place(loaded, dsn, folder, jobmanager), dry_run=dry_run)
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    if not report.complete:
        sys.exit(NOT_DONE)


def _document(report: "Report") -> dict[str, object]:
    return {
        "dry_run": report.dry_run,
        "kinds": [
            {
                "kind": done.kind,
                "setting": done.setting,
                **_numbers(done),
                "problem": done.problem or None,
            }
            for done in report.done
        ],
        "off": list(report.off),
        "hints": report.hints,
    }


def _numbers(done: "Done") -> dict[str, object]:
    if done.removed is None:
        return {"removed": None, "unit": None, "names": [], "freed_bytes": None, "written": None}
    found = asdict(done.removed)
    return {
        "removed": found["count"],
        "unit": found["unit"],
        "names": list(found["names"]),
        "freed_bytes": found["freed_bytes"],
        "written": found["written"],
    }


def _print(report: "Report") -> None:
    lines = [
        {
            "kind": done.kind,
            "removed": ""
            if done.removed is None
            else f"{done.removed.count:,} {done.removed.unit}",
            "freed": _megabytes(done),
            "setting": done.setting,
        }
        for done in report.done
    ]
    removed = "would be removed" if report.dry_run else "removed"
    print_rows(lines, {"kind": "", "removed": removed, "freed": "of files", "setting": "by"})
    for done in report.done:
        for name in done.removed.names if done.removed else ():
            print_line(f"{done.kind}: {name}")
        if done.removed is not None and done.removed.written:
            print_line(f"{done.kind}: {done.removed.written:,} {done.removed.unit} were written")
    if report.off:
        print_line(f"Switched off, or without a folder: {', '.join(report.off)}.")
    for hint in report.hints:
        print_note(hint)
    for done in report.done:
        if done.problem:
            error_console.print(
                f"Not done: {done.kind}: {done.problem}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def _count(done: "Done") -> str:
    return "" if done.removed is None else f"{done.removed.count:,} {done.removed.unit}"


def _megabytes(done: "Done") -> str:
    freed = None if done.removed is None else done.removed.freed_bytes
    return "" if freed is None else f"{freed / 1e6:,.1f} MB"
