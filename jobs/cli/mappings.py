"""`interestream map`: the mappings of the package, and what a mapping makes of a file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.options import (
    CHECK_FAILED,
    AsJson,
    ConfigFile,
    Overrides,
    report_errors,
)
from jobs.cli.output import print_json, print_line, print_note, print_rows

if TYPE_CHECKING:
    from jobs.datasets.check_mapping import MappedRow, TableCheck

PANEL = "Run"
WIDEST = 600
"""Characters of a row that are shown."""

CHECK_EXAMPLES = """
[bold]Examples[/]

interestream map check shop.toml path/to/shop              [dim]# every table, in a folder[/]

interestream map check ga4 events_20240501.jsonl --rows 50000
"""


def add_commands(app: typer.Typer) -> None:
    """Add `map` and its subcommands to `interestream`."""
    group = typer.Typer(
        help="Mappings: how files of any form become items and events.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    group.command("list")(map_list)
    group.command("show")(map_show)
    group.command("check", epilog=CHECK_EXAMPLES)(map_check)
    app.add_typer(group, name="map", rich_help_panel=PANEL)


@report_errors
def map_list(as_json: AsJson = False) -> None:
    """List the mappings of the package: names that --mapping takes."""
    from jobs.mapping.ready_made import ready_names, ready_summary  # noqa: PLC0415

    rows = [{"name": name, "reads": ready_summary(name)} for name in ready_names()]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, {"name": "name", "reads": "reads"})


@report_errors
def map_show(name: Annotated[str, typer.Argument(help="name of a mapping of the package")]) -> None:
    """Print a mapping of the package, to begin one of your own with."""
    from jobs.mapping.ready_made import ready_source  # noqa: PLC0415

    sys.stdout.write(ready_source(name))


@report_errors
def map_check(
    mapping: Annotated[Path, typer.Argument(help="TOML file, or name of a mapping")],
    data: Annotated[Path, typer.Argument(help="a file of the data set, or its folder")],
    table: Annotated[
        str | None, typer.Option(help="table to read the file as: items, events, events[2]")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="rows to read of each table")] = 1_000,
    config: ConfigFile = None,
    override: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Show ten rows before and after, and which records would become dead letters; feed nothing.

    It ends with 1 when a record would not be accepted.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.core.parsing.judges import judge_of  # noqa: PLC0415
    from jobs.core.parsing.rules import Rules  # noqa: PLC0415
    from jobs.datasets.check_mapping import check_mapping  # noqa: PLC0415
    from jobs.mapping.ready_made import find_mapping  # noqa: PLC0415

    found = find_mapping(mapping)
    settings = load_config(config, override or [])
    rules = Rules.of(settings.limits, frozenset(settings.actions))
    checks = check_mapping(
        found, data, lambda stream: judge_of(stream, rules), only=table, limit=rows
    )
    if as_json:
        print_json({"name": found.name, "tables": [_as_dict(check) for check in checks]})
    else:
        for check in checks:
            _show(check)
    if any(check.dead or check.problem for check in checks):
        sys.exit(CHECK_FAILED)


def _as_dict(check: "TableCheck") -> dict[str, Any]:
    shown = [vars(row) for row in check.shown]
    return {**vars(check), "dead": dict(check.dead), "shown": shown}


def _show(check: "TableCheck") -> None:
    print_line(f"{check.table}: {', '.join(check.files[:3])}{', ...' * (len(check.files) > 3)}")
    for row in check.shown:
        _show_row(row)
    verdict = "all would be accepted"
    if check.dead:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in check.dead.most_common())
        verdict = f"{check.dead.total():,} would become dead letters ({reasons})"
    if not check.records:
        verdict = "nothing would be fed"
    print_line(f"{check.rows:,} rows, {check.records:,} records: {verdict}")
    for note in check.notes:
        print_note(note)
    print_note(check.left_out)
    print_note(check.problem)
    if check.same_ids:
        print_note(
            f"{check.same_ids:,} events have the id of another event of their user and would not"
            ' count: combine columns, such as event_id = { columns = ["order", "item"] }'
        )


def _show_row(row: "MappedRow") -> None:
    print_line(f"  row {row.number}: {_cut(row.before)}")
    for record, reason in zip(row.after, row.dead, strict=True):
        print_line(f"    -> {_cut(record)}")
        if reason is not None:
            print_line(f"       dead letter: {reason}")
    if not row.after:
        print_line("    -> nothing")


def _cut(found: Any) -> str:
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} ..."
