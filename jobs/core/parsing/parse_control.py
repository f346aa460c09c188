"""Parses raw lines of the control stream into commands and dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.core.parsing.broken_lines import dead_letter
from jobs.core.parsing.events import DeadLetter, Rejection
from jobs.core.parsing.json_records import read_id, read_object
from jobs.core.parsing.rules import Rules

DELETE_ITEM = "delete_item"
MERGE = "merge"
COMMANDS = frozenset({"forget", "opt_out", "opt_in", MERGE, DELETE_ITEM})


@dataclass(frozen=True)
class Command:
    """A command about a user: `forget`, `opt_out`, `opt_in`, or `merge` into the user `into`.

    `line` is the raw line, for the dead letter that a merge may become.
    """

    user_id: str
    command: str
    into: str = ""
    line: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True)
class DeleteItem:
    """The command to delete an item for good."""

    item_id: str


@dataclass(frozen=True)
class ParsedControl:
    """The accepted commands in their order, and the dead letters of the other lines.

    `commands` are about users, `deletions` about items.
    """

    commands: list[Command] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    deletions: list[DeleteItem] = field(default_factory=list)


def parse_control(lines: Sequence[bytes], rules: Rules) -> ParsedControl:
    """Accept or reject every line: each becomes a command or a dead letter.

    >>> parse_control([b'{"user_id": "u", "command": "forget"}'], Rules(frozenset())).commands
    [Command(user_id='u', command='forget', into='')]
    """
    parsed = ParsedControl()
    for line in lines:
        record = read_object(line, rules)
        command = record if isinstance(record, Rejection) else _check(record, line, rules)
        if isinstance(command, Rejection):
            parsed.dead.append(dead_letter(line, record, command, rules))
        elif isinstance(command, DeleteItem):
            parsed.deletions.append(command)
        else:
            parsed.commands.append(command)
    return parsed


def _check(
    record: dict[str, object], line: bytes, rules: Rules
) -> Command | DeleteItem | Rejection:
    if record.get("command") == DELETE_ITEM:
        item_id = read_id(record, "item_id", rules)
        if not isinstance(item_id, str):
            return item_id or Rejection("missing_field", "item_id")
        return DeleteItem(item_id)
    user_id = read_id(record, "user_id", rules)
    if not isinstance(user_id, str):
        return user_id or Rejection("missing_field", "user_id")
    command = record.get("command")
    if command is None:
        return Rejection("missing_field", "command")
    if not isinstance(command, str) or command not in COMMANDS:
        return Rejection("unknown_action", str(command)[:64])
    if command != MERGE:
        return Command(user_id, command, line=line)
    into = read_id(record, "into", rules)
    if not isinstance(into, str):
        return into or Rejection("missing_field", "into")
    if into == user_id:
        return Rejection("bad_merge", "into itself")
    return Command(user_id, command, into, line)
