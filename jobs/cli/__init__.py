"""The command line `interestream`."""

from importlib.metadata import version
from typing import Annotated

import typer

from jobs.cli import (
    application,
    ask,
    cluster,
    connectors,
    dead_letters,
    doctor,
    evaluate,
    experiments,
    feed,
    health,
    maintain,
    mappings,
    monitoring,
    pseudonym,
    recommend,
    run,
    serve,
    setup,
    spaces,
    texts,
    user_data,
    words,
)
from jobs.errors import ConfigError

EXAMPLES = """
[bold]Examples[/]

interestream demo                           [dim]# see it work[/]

interestream try path/to/ml-latest-small    [dim]# your own data set[/]

interestream status                         [dim]# counters of each stream, dead letters, lag[/]

interestream doctor                         [dim]# what is missing, and what to do[/]

interestream recommend ada -k 5 --json      [dim]# what should ada see next?[/]

interestream dead-letters --reason bad_time [dim]# records that were not accepted[/]

[bold]Exit codes[/] 0 done, 1 a check failed, 2 not done (the message says why), 130 Ctrl-C.
"""

app = typer.Typer(
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _print_version(requested: bool) -> None:
    if requested:
        print(f"interestream {version('interestream')}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Real-time interest for recommender systems."""
    from jobs.runtime.log_format import configure_logging, logs_are_json  # noqa: PLC0415

    try:
        if logs_are_json():
            configure_logging()
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


run.add_commands(app)
evaluate.add_commands(app)
feed.add_commands(app)
mappings.add_commands(app)
cluster.add_commands(app)
application.add_commands(app)
ask.add_commands(app)
recommend.add_commands(app)
words.add_commands(app)
dead_letters.add_commands(app)
health.add_commands(app)
doctor.add_commands(app)
serve.add_commands(app)
monitoring.add_commands(app)
maintain.add_commands(app)
user_data.add_commands(app)
pseudonym.add_commands(app)
setup.add_commands(app)
connectors.add_commands(app)
spaces.add_commands(app)
experiments.add_commands(app)
texts.add_commands(app)
