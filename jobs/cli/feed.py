"""`interestream feed`: lines from files or the standard input go into a stream."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jobs.cli.escape_controls import escape_bytes
from jobs.cli.max_dead import MaxDead, exit_by
from jobs.cli.options import (
    CHECK_FAILED,
    INTERRUPTED,
    AsJson,
    ConfigFile,
    Overrides,
    report_errors,
)
from jobs.cli.output import print_json, print_line, print_note
from jobs.errors import InterestreamError

if TYPE_CHECKING:
    from jobs.config import Sources
    from jobs.decoding.foreign_records import ForeignRecords
    from jobs.feeding.check_lines import CheckReport
    from jobs.feeding.feed_lines import FeedReport, FolderStream, TopicStream

PANEL = "Run"
TERMINATED = 143
"""Told to end with SIGTERM: 128 and the signal's number, as a shell reports it."""
SHOWN = 10
"""Lines that are named, of those that are cut or rejected."""

EXAMPLES = """
[bold]Examples[/]

interestream feed events < lines.jsonl

tail -F clicks.jsonl | interestream feed events --streams /data/streams

interestream feed items catalogue.jsonl more.jsonl.gz

interestream feed events lines.jsonl --config job.toml   [dim]# into the job's topic or folder[/]

interestream feed events lines.jsonl --check         [dim]# feeds nothing[/]
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command(rich_help_panel=PANEL, epilog=EXAMPLES)(feed)


@report_errors
def feed(
    stream: Annotated[
        Literal["events", "items", "control"], typer.Argument(help="stream that gets the lines")
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="files of lines, compressed or not; - or none: the standard input"),
    ] = None,
    streams: Annotated[
        Path | None,
        typer.Option(
            help="the folder that the job watches (default: the job's sources.root, or its topics"
            " where sources.kind is kafka)"
        ),
    ] = None,
    config: ConfigFile = None,
    override: Overrides = None,
    rotate_s: Annotated[
        float, typer.Option(min=0.01, help="publish lines this many seconds after the first")
    ] = 0.2,
    rotate_mb: Annotated[
        float, typer.Option(min=0.001, help="publish lines when they are this many megabytes")
    ] = 16.0,
    check: Annotated[
        bool, typer.Option("--check", help="list lines that the job would not accept; feed nothing")
    ] = False,
    max_dead: MaxDead = "100%",
    as_json: AsJson = False,
) -> None:
    """Put lines into a stream, while they come.

    Lines are fed as they are: a broken one becomes a dead letter. Empty lines are left out, and a
    line of more than a megabyte is cut to its beginning. Ctrl-C and SIGTERM feed what was read.
    The exit code is 1 when no line can be accepted, or more die than --max-dead.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.core.parsing.judges import judge_of  # noqa: PLC0415
    from jobs.core.parsing.rules import Rules  # noqa: PLC0415
    from jobs.datasets.stream_files import MAX_LINE_BYTES  # noqa: PLC0415
    from jobs.decoding.foreign_records import foreign_records  # noqa: PLC0415
    from jobs.feeding.check_lines import check_lines, reasons_by  # noqa: PLC0415
    from jobs.feeding.feed_lines import LineFeed, Rotation  # noqa: PLC0415
    from jobs.feeding.sources import check_readable  # noqa: PLC0415
    from jobs.feeding.stop_signals import StopSignals  # noqa: PLC0415
    from jobs.replay.tolerance import Tolerance  # noqa: PLC0415

    tolerance = Tolerance.of(max_dead)
    settings = load_config(config, override or [])
    longest = max(MAX_LINE_BYTES, settings.limits.max_line_bytes)
    sources = [None if str(path) == "-" else path for path in files or [Path("-")]]
    check_readable([path for path in sources if path is not None])
    if None in sources:
        if sys.stdin is None:
            raise InterestreamError("there is no standard input: name files")
        if os.isatty(0):
            print_note("lines are read from the terminal, Ctrl-D ends them")
    with StopSignals() as stop:
        rules = Rules.of(settings.limits, frozenset(settings.actions))
        foreign = foreign_records(stream, settings)
        judge = judge_of(stream, rules) if foreign is None else foreign.dead
        if check:
            checked = check_lines(sources, judge, stop, longest, SHOWN)
            _show_checked(stream, checked, as_json)
            failure = "rejected" if checked.rejected else ""
        else:
            target = _stream(streams, settings.sources, stream, foreign)
            line_feed = LineFeed(
                target,
                Rotation(rotate_s, round(rotate_mb * 1_000_000)),
                # The job may know actions that nothing here tells of.
                reasons_by(judge, leave_out=() if config or override else ("unknown_action",)),
            )
            line_feed.run(sources, stop, longest)
            _show_fed(stream, target, line_feed.report, as_json)
            report = line_feed.report
            failure = tolerance.failure_of(stream, report.lines, report.dead.total())
    if stop.received is not None:
        sys.exit(INTERRUPTED if stop.received == signal.SIGINT else TERMINATED)
    if check and failure:
        sys.exit(CHECK_FAILED)
    exit_by(failure)


def _stream(
    streams: Path | None, sources: "Sources", stream: str, foreign: "ForeignRecords | None"
) -> "FolderStream | TopicStream":
    """Where the lines go; raises InterestreamError where that cannot be written to."""
    from jobs.datasets.stream_files import StreamFiles  # noqa: PLC0415
    from jobs.datasets.topic_feed import TopicFeed  # noqa: PLC0415
    from jobs.feeding.feed_lines import FolderStream, TopicStream  # noqa: PLC0415

    if streams is None and sources.kind == "kafka":
        read = None if foreign is None else foreign.first
        return TopicStream(TopicFeed(sources.kafka, read=read), stream)
    return FolderStream(StreamFiles(_folder(streams or sources.root, stream)))


def _folder(streams: Path, stream: str) -> Path:
    """The stream's folder; raises InterestreamError where there is none to write to."""
    from jobs.datasets.stream_files import StreamFiles  # noqa: PLC0415

    folder = streams / stream
    if not folder.is_dir():
        # Making the folder would let the lines of a mistyped path vanish without a word.
        raise InterestreamError(
            f"there is no folder {folder}: the job makes it when it starts. Check --streams (or"
            f" sources.root), or make it before the job does: mkdir -p {folder}"
        )
    try:
        StreamFiles(folder).probe()
    except OSError as error:
        raise InterestreamError(
            f"cannot write to {folder}: {error.strerror}; nothing was fed"
        ) from error
    return folder


def _show_fed(
    stream: str, target: "FolderStream | TopicStream", report: "FeedReport", as_json: bool
) -> None:
    if report.long_lines:
        named = ", ".join(
            f"line {line.number} of {line.source} ({line.length:,} bytes)"
            for line in report.long_lines[:SHOWN]
        )
        more = ", ..." if len(report.long_lines) > SHOWN else ""
        print_note(
            f"lines too long for the job went in as their beginning, and become dead letters"
            f" (too_large): {named}{more}"
        )
    if as_json:
        from jobs.feeding.feed_lines import TopicStream  # noqa: PLC0415

        place = "topic" if isinstance(target, TopicStream) else "folder"
        counts = {"lines": report.lines, "files": report.files, "bytes": report.bytes}
        left = {"empty": report.empty, "cut": len(report.long_lines)}
        dead = {"dead": report.dead.total(), "reasons": dict(report.dead.most_common())}
        print_json({"stream": stream, place: target.place, **counts, **left, **dead})
    else:
        print_line("; ".join(filter(None, (report.sentence(target.name), report.died()))))


def _show_checked(stream: str, report: "CheckReport", as_json: bool) -> None:
    if as_json:
        first = [vars(line) | {"raw": line.raw[:1000]} for line in report.first]
        counts = {"lines": report.lines, "rejected": report.rejected}
        print_json({"stream": stream, **counts, "first": first})
        return
    for line in report.first:
        detail = f" ({line.detail})" if line.detail else ""
        print_line(
            f"line {line.number} of {line.source}: {line.reason}{detail}: {escape_bytes(line.raw)}"
        )
    verdict = "all would be accepted"
    if report.rejected:
        shown = f", the first {SHOWN} above" if report.rejected > SHOWN else ""
        verdict = f"{report.rejected:,} would become dead letters{shown}"
    print_line(f"{report.lines:,} lines: {verdict}; nothing was fed")
