"""The command `evaluate`: how good the recommendations are on a data set of your own."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import AsJson, progress_console, report_errors
from jobs.cli.output import print_dataset_notes, print_json, print_line, print_note, print_rows
from jobs.cli.run import PANEL, Mapping, packaged_bundle
from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.settings import Protocol

if TYPE_CHECKING:
    from jobs.datasets.dataset import Dataset

_SHOWN = ("HR@10", "NDCG@10", "recall@20", "MRR@20")
"""Columns of the table; the first has its interval, since 80 characters hold no more."""

EXAMPLES = """
[bold]Examples[/]

interestream evaluate path/to/ml-latest-small

interestream evaluate path/to/shop --mapping shop.toml --questions 1000 --frozen

interestream evaluate path/to/shop --compare-sql weights.sql  [dim]# UPDATE ... SET weight = 0.2[/]

interestream evaluate path/to/shop --out after --against before  [dim]# of two --set[/]

interestream evaluate path/to/shop --baselines-only --questions 3000
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command(rich_help_panel=PANEL, epilog=EXAMPLES)(evaluate)


@report_errors
def evaluate(
    data: Annotated[
        str, typer.Argument(help="folder of a data set, or 'simulator'", show_default=False)
    ],
    mapping: Mapping = None,
    questions: Annotated[int, typer.Option(min=1, help="how many questions at most")] = 200,
    protocol: Annotated[
        Protocol, typer.Option(help="what is asked about; see docs/evaluation.md")
    ] = "prequential",
    share: Annotated[
        float,
        typer.Option(min=0.001, max=1, help="share of the interactions that is the test part"),
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="of the sample of questions, and the simulator")] = 1,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="compare with lists from before the test part")
    ] = False,
    compare_sql: Annotated[
        Path | None,
        typer.Option(help="statements that change settings: ask with and without them"),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="folder of an earlier report, to compare with its answers"),
    ] = None,
    baselines_only: Annotated[
        bool, typer.Option("--baselines-only", help="do not start the system")
    ] = False,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="configuration of the job, SECTION.KEY=VALUE")
    ] = None,
    warm_up: Annotated[
        int,
        typer.Option(min=0, help="interactions before the first question that weights learn from"),
    ] = 4_000,
    sequence: Annotated[
        bool,
        typer.Option("--sequence", help="train a sequence model before the warm-up, and use it"),
    ] = False,
    settle_s: Annotated[
        float, typer.Option(min=0, help="pause between commit and question, in seconds")
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="folder of the report; default: .interestream/evaluate/NAME", show_default=False
        ),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="delete what is in the folder of the report")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replay a data set and see how often the next thing a user turned to is recommended.

    Everything is started embedded; each question is asked when the events before it are committed,
    and none of the later ones. The same command goes on where it was interrupted.
    """
    from jobs.evaluation.answers_file import ANSWERS  # noqa: PLC0415
    from jobs.evaluation.evaluate import Listener  # noqa: PLC0415
    from jobs.evaluation.evaluate import evaluate as run  # noqa: PLC0415
    from jobs.evaluation.settings import Settings  # noqa: PLC0415
    from jobs.evaluation.system_run import Places  # noqa: PLC0415
    from jobs.local.stack import HOME  # noqa: PLC0415
    from jobs.replay.progress_bars import replay_bars  # noqa: PLC0415

    dataset = _open(data, mapping, seed)
    settings = Settings(
        protocol=protocol,
        questions=questions,
        share=share,
        seed=seed,
        frozen=frozen,
        compare_sql=compare_sql.read_text() if compare_sql else "",
        overrides=tuple(setting or ()),
        warm_up=warm_up,
        sequence=sequence,
        settle_s=settle_s,
    )
    if compare_sql is not None and not settings.compare_sql.strip():
        raise EvaluationError(f"{compare_sql} holds no statement")
    settings.check(baselines_only=baselines_only)
    home = HOME / "evaluate"
    folder = out or home / re.sub(r"[^\w.-]", "_", dataset.name).lstrip(".")
    progress = progress_console(as_json)

    def show(step: str) -> None:
        progress.print(f"[dim]{step}[/]", highlight=False)

    places = Places(packaged_bundle(show), home / "work", home / "vectors.sqlite")
    try:
        with replay_bars(progress) as bars:
            report = run(
                dataset,
                settings,
                places,
                folder,
                Listener(show, bars),
                baselines_only=baselines_only,
                restart=restart,
                against=against,
            )
    except KeyboardInterrupt:
        if (folder / ANSWERS).exists():
            print_note(f"the answers so far are in {folder}: the same command goes on from there")
        raise
    print_note(dataset.left_out())
    if as_json:
        print_json(report)
        return
    for sentence in report["notes"]:
        print_line(sentence)
    print_rows(
        _rows(report),
        {"system": "", **{key: key for key in _SHOWN}},
        title=escape_controls(report["data"]),
    )
    print_line(f"report: {folder / 'report.md'}")


def _rows(report: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "system": name,
            **{
                key: f"{one[key]['mean']:.3f}"
                + (f" [{one[key]['low']:.3f}, {one[key]['high']:.3f}]" if key == _SHOWN[0] else "")
                for key in _SHOWN
            },
        }
        for name, one in report["systems"].items()
    ]


def _open(data: str, mapping: Path | None, seed: int) -> "Dataset":
    from jobs.datasets.detect import open_dataset  # noqa: PLC0415

    if data == "simulator":
        from jobs.simulator import simulated_dataset  # noqa: PLC0415

        return simulated_dataset(seed=seed)
    dataset = open_dataset(Path(data), mapping)
    print_dataset_notes(dataset)
    return dataset
