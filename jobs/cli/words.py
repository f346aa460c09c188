"""`interestream ask`: a request in words, and follow-ups to it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from jobs.cli.options import (
    AsJson,
    ConfigFile,
    Dsn,
    Overrides,
    Space,
    StreamsFolder,
    report_errors,
    require_dsn,
)
from jobs.cli.output import format_value, print_json, print_line, print_note, print_rows
from jobs.cli.pseudonym import known_as
from jobs.errors import InterestreamError
from sql.connection import connect

if TYPE_CHECKING:
    from jobs.asking.answer import Answered
    from jobs.core.asking.conversation import Conversation

EXAMPLES = """
[bold]Examples[/]

interestream ask "something light for a rainy evening, no horror" --user ada

interestream ask "a comedy from the 80s" --conversation talk.json

interestream ask "more like the second, but newer" --conversation talk.json
"""
COLUMNS = {"rank": "", "title": "title", "score": "score", "reason": "because", "item_id": "item"}


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command(rich_help_panel="Query", epilog=EXAMPLES)(ask)


@report_errors
def ask(
    text: Annotated[str, typer.Argument(help="what is wanted and refused", show_default=False)],
    user: Annotated[str, typer.Option(help="whose taste counts, and who has seen items")] = "",
    k: Annotated[int, typer.Option("--k", "-k", min=1, max=1000, help="how many items")] = 10,
    conversation: Annotated[
        Path | None,
        typer.Option(help="file that keeps what was said and shown, for follow-ups"),
    ] = None,
    language: Annotated[
        str, typer.Option(help="of the reasons, such as zh (default: that of the request)")
    ] = "",
    personal: Annotated[
        float, typer.Option(min=0, max=1, help="how much the user's taste counts")
    ] = 0.15,
    streams: StreamsFolder = None,
    config: ConfigFile = None,
    override: Overrides = None,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request in words, in English or Chinese: what is wanted, what is refused, filters.

    The encoder is that of the job (encoder.bundle). With --user and --streams the request goes into
    the stream of events as a search.
    """
    from interestream import Recommender  # noqa: PLC0415
    from jobs.asking.answer import answer_request  # noqa: PLC0415
    from jobs.asking.space_bundle import SpaceBundle  # noqa: PLC0415
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.core.asking.understand import NO_WORDS, is_blank  # noqa: PLC0415

    if is_blank(text):
        raise InterestreamError(NO_WORDS)
    loaded = load_config(config, override or [])
    before = _read(conversation)
    name = known_as(user) if user else None
    with connect(require_dsn(dsn), autocommit=True) as db:
        answer = answer_request(
            Recommender(db),
            SpaceBundle(loaded.encoder),
            text,
            before,
            k=k,
            user=name,
            language=language,
            personal=personal,
            space=space,
        )
    if conversation is not None:
        conversation.write_bytes(orjson.dumps(answer.conversation.as_dict()))
    if user and streams is not None:
        _feed(streams, user, answer.plan.said, text)
    if as_json:
        print_json(answer.as_dict())
        return
    _print_understood(answer)
    rows, note = [vars(row) for row in answer.rows], answer.rows.note
    if rows:
        if note:
            print_note(note)
        print_rows(rows, COLUMNS)
    else:
        print_line(f"Nothing was found: {note}." if note else "Nothing was found.")


def _read(conversation: Path | None) -> "Conversation":
    from jobs.core.asking.conversation import (  # noqa: PLC0415
        ConversationError,
        read_conversation,
    )

    if conversation is None or not conversation.exists():
        return read_conversation(None)
    try:
        return read_conversation(orjson.loads(conversation.read_bytes()))
    except (ConversationError, orjson.JSONDecodeError) as error:
        raise InterestreamError(f"{conversation}: {error}") from error


def _feed(streams: Path, user: str, said: Any, text: str) -> None:
    from jobs.asking.utterance import utterance_event  # noqa: PLC0415
    from jobs.datasets.stream_files import StreamFiles  # noqa: PLC0415

    event = utterance_event(user, said, text, datetime.now(UTC))
    if event is not None:
        StreamFiles(streams / "events").publish(orjson.dumps(event) + b"\n")


def _print_understood(answer: "Answered") -> None:
    understood = answer.plan.understood()
    for name in ("like", "unlike"):
        understood[name] = [answer.title(item) for item in understood[name]]
    filters = {name.replace("_", " "): each for name, each in understood["filters"].items() if each}
    for name in ("wanted", "refused", "like", "unlike"):
        if understood[name]:
            print_line(f"{name}: {format_value(understood[name])}")
    for name, value in filters.items():
        shown = (
            ", ".join(f"{key} {_bounds(key, each)}" for key, each in value.items())
            if isinstance(value, dict)
            else format_value(value)
            if isinstance(value, list)
            else str(value)
        )
        print_line(f"{name}: {shown}")
    for word in answer.plan.unknown_words:
        print_note(f"'{word}' is not known to the encoder, so it is left out")
    for quantity in answer.plan.filters.unknown:
        print_note(f"no attribute of the catalogue holds the {quantity}, so it does not filter")


def _bounds(attribute: str, value: object) -> str:
    from jobs.asking.shown_number import shown_number  # noqa: PLC0415

    if isinstance(value, dict):
        return " ".join(
            f"{name} {shown_number(attribute, number)}" for name, number in value.items()
        )
    return format_value(value)
