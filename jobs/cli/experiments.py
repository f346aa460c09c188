"""`interestream experiment`: starts, changes, reports and ends experiments."""

import json
from typing import Annotated, Any

import typer

from jobs.cli.options import AsJson, Dsn, console, error_console, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_json, print_line, print_note, print_rows
from jobs.cli.variants import read_shares, read_variants
from sql.connection import connect

_COLUMNS = {
    "variant": "variant",
    "share": "share",
    "users": "users",
    "exposures": "shown",
    "successes": "successes",
    "rate": "rate",
    "lift": "lift",
    "low": "from",
    "high": "to",
    "verdict": "verdict",
}

_SHARES = """
SELECT shares.experiment, shares.variant, shares.share
FROM interestream.experiment_shares AS shares
JOIN interestream.experiment_variants AS variants USING (experiment, variant)
JOIN interestream.experiments AS own USING (experiment)
WHERE own.ended_at IS NULL AND shares.since = (
    SELECT max(known.since) FROM interestream.experiment_shares AS known
    WHERE known.experiment = own.experiment
)
ORDER BY variants.number
"""

VariantsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="VARIANT...",
        help="NAME=SHARE and what it changes: 'bold=0.5,diversity=0.6,few.text=4';"
        " the first one is the control",
        show_default=False,
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Add `experiment` and its subcommands to `interestream`."""
    group = typer.Typer(
        help="Experiments: variants of recommend(), compared by what their users do.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    group.command("start")(experiment_start)
    group.command("share")(experiment_share)
    group.command("report")(experiment_report)
    group.command("end")(experiment_end)
    group.command("list")(experiment_list)
    app.add_typer(group, name="experiment", rich_help_panel="Maintain")


@report_errors
def experiment_start(
    name: Annotated[str, typer.Argument(help="name, which was not used before")],
    variants: VariantsArgument,
    interleave: Annotated[
        bool, typer.Option(help="show two variants in one list, instead of one to each user")
    ] = False,
    expected_lift: Annotated[
        float, typer.Option(help="lift that needs the least data (0.1: 10 %)", min=0, max=1)
    ] = 0.1,
    description: Annotated[str | None, typer.Option(help="what it is about")] = None,
    dsn: Dsn = "",
) -> None:
    """Start an experiment: from now on recommend() gives users their variants."""
    given = json.dumps(read_variants(variants))
    kind = "interleaving" if interleave else "split"
    with connect(require_dsn(dsn)) as db:
        db.execute(
            "SELECT interestream.start_experiment(%s, %s, %s, %s, %s)",
            (name, given, kind, expected_lift, description),
        )
    console.print(f"experiment {name} runs", highlight=False, markup=False)


@report_errors
def experiment_share(
    shares: Annotated[list[str], typer.Argument(metavar="NAME=SHARE...", show_default=False)],
    dsn: Dsn = "",
) -> None:
    """Change shares of the experiment that runs; variants that are not named keep theirs."""
    with connect(require_dsn(dsn)) as db:
        given: Any = db.execute(
            "SELECT interestream.set_shares(%s)", (json.dumps(read_shares(shares)),)
        ).fetchone()
        rows = db.execute(_SHARES).fetchall()
    held = ", ".join(f"{variant} {share:.2%}" for _, variant, share in rows)
    left = f"; {1 - given[0]:.2%} of the users get no variant" if given[0] < 1 else ""
    print_line(f"experiment {rows[0][0]}: {held}{left}")


@report_errors
def experiment_report(
    name: Annotated[
        str | None, typer.Argument(help="experiment (default: the last one)", show_default=False)
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(help="action that is a success (default: anything positive)"),
    ] = None,
    per_user: Annotated[bool, typer.Option(help="the rate of users, not of shown items")] = False,
    dsn: Dsn = "",
    as_json: AsJson = False,
) -> None:
    """Print how the variants do against the control; it may be looked at at any time."""
    with connect(require_dsn(dsn)) as db:
        rows = fetch_rows(
            db, "SELECT * FROM interestream.experiment_report(%s, %s, %s)", (name, action, per_user)
        )
    if as_json:
        print_json(rows)
        return
    if not rows:
        error_console.print("No experiment was started yet.")
        return
    print_rows(rows, _COLUMNS, or_records=True)
    for sentence in dict.fromkeys(text for row in rows for text in row["warnings"]):
        print_note(sentence.rstrip("."))


@report_errors
def experiment_end(dsn: Dsn = "") -> None:
    """End the experiment that runs: recommend() answers as before it."""
    with connect(require_dsn(dsn)) as db:
        row: Any = db.execute("SELECT interestream.end_experiment()").fetchone()
    console.print(f"experiment {row[0]} has ended", highlight=False, markup=False)


@report_errors
def experiment_list(dsn: Dsn = "", as_json: AsJson = False) -> None:
    """List the experiments."""
    with connect(require_dsn(dsn)) as db:
        rows = fetch_rows(
            db,
            "SELECT experiment, kind, started_at, ended_at, description"
            " FROM interestream.experiments ORDER BY started_at",
        )
    if as_json:
        print_json(rows)
        return
    names = ("experiment", "kind", "started_at", "ended_at", "description")
    print_rows(rows, {name: name.removesuffix("_at") for name in names}, or_records=True)
