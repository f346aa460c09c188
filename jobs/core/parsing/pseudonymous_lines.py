"""Writes lines of events and commands anew, with pseudonyms in the place of user ids.

This is the entrance of a job with `privacy.pseudonyms`: nothing behind it has a raw id.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import orjson

from jobs.core.parsing.broken_lines import dead_letter
from jobs.core.parsing.events import Rejection
from jobs.core.parsing.json_records import read_id, read_object
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.parse_control import DELETE_ITEM, MERGE
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line

NOT_KEPT = "the record is not kept: privacy.pseudonyms"
"""The detail of a dead letter of a line whose user id cannot be replaced."""

_EVENT = ("event_id", "user_id", "action", "event_time", "item_id", "text", "value")
_DELETION = ("command", "item_id")
_MERGE = ("user_id", "command", "into")
_COMMAND = ("user_id", "command")
_NAMES = ("event_id", "user_id", "into")
"""What is replaced: an event's id is often made of that of its user."""


class PseudonymousLines:
    """Replaces the ids of users and of events in lines of a stream, by functions from ids to ids.

    `pseudonym` replaces users, `event_name` events. A line that can be read keeps what the contract
    reads of it, other members may name the person; who reads it next judges it as before. Of a line
    whose ids cannot be replaced (it is no JSON, or one of them is no id) a line goes on that says
    why it is not accepted, without its bytes. Its dead letter carries the user's pseudonym where
    the id can be read.
    """

    def __init__(
        self,
        stream: Literal["events", "control"],
        rules: Rules,
        pseudonym: Callable[[str], str],
        event_name: Callable[[str], str],
    ) -> None:
        self._is_control = stream == "control"
        self._rules, self._pseudonym = rules, pseudonym
        self._named = dict(zip(_NAMES, (event_name, pseudonym, pseudonym), strict=True))
        self._judge = judge_of(stream, rules)

    def __call__(self, line: bytes) -> bytes:
        """The line that goes on in the place of one.

        >>> lines = PseudonymousLines("events", Rules(frozenset({"view"})), str.upper, str.upper)
        >>> lines(b'{"user_id": "ada", "action": "view", "context": {"mail": "ada@example.org"}}')
        b'{"user_id":"ADA","action":"view"}'
        >>> lines(b'{"user_id": "ada", "act')
        b'\\x1eundecoded not_json the+record+is+not+kept%3A+privacy.pseudonyms =ADA\\x1e'
        """
        record = read_object(line, self._rules)
        if isinstance(record, Rejection):
            return self._without_bytes(line, record, record)
        kept = {name: _plain(record[name]) for name in self._members(record) if name in record}
        for name, replaced in self._named.items():
            if kept.get(name) is None or kept[name] == "":
                # Nobody is named; that this is missing is for the next reader to say.
                continue
            found = read_id(kept, name, self._rules)
            if not isinstance(found, str):
                return self._without_bytes(line, record, self._judge_of_job(line))
            kept[name] = replaced(found)
        return orjson.dumps(kept)

    def _members(self, record: dict[str, Any]) -> Sequence[str]:
        if not self._is_control:
            return _EVENT
        command = record.get("command")
        if command == DELETE_ITEM:
            return _DELETION
        return _MERGE if command == MERGE else _COMMAND

    def _judge_of_job(self, line: bytes) -> Rejection:
        (letter,) = self._judge([line])
        return Rejection(letter.reason)

    def _without_bytes(
        self, line: bytes, record: dict[str, Any] | Rejection, why: Rejection
    ) -> bytes:
        user_id = dead_letter(line, record, why, self._rules).user_id
        owner = None if user_id is None else self._pseudonym(user_id)
        return undecoded_line(Undecoded(b"", why.reason, NOT_KEPT, owner))


def _plain(value: Any) -> Any:
    """A value without what stands inside of it: an object or a list keeps its type alone."""
    if isinstance(value, dict):
        return {}
    return [] if isinstance(value, list) else value
