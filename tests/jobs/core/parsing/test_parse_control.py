"""Commands: all four of them, and a line for every reason of a dead letter."""

import pytest

from jobs.core.parsing.parse_control import Command, DeleteItem, parse_control
from tests.builders import RULES, command_line, deletion_line, line


@pytest.mark.parametrize("command", ["forget", "opt_out", "opt_in"])
def test_the_commands_about_one_user_are_read(command):
    assert parse_control([command_line("ada", command)], RULES).commands == [
        Command("ada", command)
    ]


@pytest.mark.parametrize("more", [{}, {"user_id": "ada"}, {"user_id": 1.5}])
def test_the_deletion_of_an_item_needs_no_user(more):
    parsed = parse_control([deletion_line("film-7"), deletion_line(7, **more)], RULES)
    assert parsed.deletions == [DeleteItem("film-7"), DeleteItem("7")]
    assert (parsed.commands, parsed.dead) == ([], [])


@pytest.mark.parametrize(("into", "found"), [("ada", "ada"), (7, "7")])
def test_a_merge_names_another_user(into, found):
    raw = line({"user_id": "anon-7", "command": "merge", "into": into})
    (command,) = parse_control([raw], RULES).commands
    assert command == Command("anon-7", "merge", found)
    assert command.line == raw


def test_into_means_nothing_to_other_commands():
    raw = line({"user_id": "ada", "command": "forget", "into": ["ada"]})
    assert parse_control([raw], RULES).commands == [Command("ada", "forget")]


@pytest.mark.parametrize(
    ("raw", "reason", "user_id"),
    [
        (b"\xff", "not_utf8", None),
        (b"", "not_json", None),
        (b"[]", "not_an_object", None),
        (b'{"user_id": "\\u0000", "command": "forget"}', "null_character", None),
        (line({"command": "forget"}), "missing_field", None),
        (line({"command": "delete_item"}), "missing_field", None),
        (line({"command": "delete_item", "item_id": ""}), "missing_field", None),
        (line({"command": "delete_item", "user_id": "ada"}), "missing_field", "ada"),
        (line({"command": "delete_item", "item_id": ["a"]}), "wrong_type", None),
        (line({"command": "delete_item", "item_id": "i" * 257}), "too_long", None),
        (line({"command": "delete_items", "item_id": "a"}), "missing_field", None),
        (line({"user_id": "", "command": "forget"}), "missing_field", None),
        (line({"user_id": "ada"}), "missing_field", "ada"),
        (line({"user_id": 1.5, "command": "forget"}), "wrong_type", None),
        (line({"user_id": "u" * 257, "command": "forget"}), "too_long", None),
        (line({"user_id": "ada", "command": "praise"}), "unknown_action", "ada"),
        (line({"user_id": 7, "command": ["forget"]}), "unknown_action", "7"),
        (line({"user_id": "ada", "command": "merge"}), "missing_field", "ada"),
        (line({"user_id": "ada", "command": "merge", "into": ""}), "missing_field", "ada"),
        (line({"user_id": "ada", "command": "merge", "into": [7]}), "wrong_type", "ada"),
        (line({"user_id": "ada", "command": "merge", "into": "u" * 257}), "too_long", "ada"),
        (line({"user_id": "ada", "command": "merge", "into": "ada"}), "bad_merge", "ada"),
        (line({"user_id": 7, "command": "merge", "into": "7"}), "bad_merge", "7"),
        (line({"user_id": "ada", "command": "forget", "x": "y" * 65_536}), "too_large", "ada"),
    ],
)
def test_every_reason_has_a_line_and_the_readable_user(raw, reason, user_id):
    (dead_letter,) = parse_control([raw], RULES).dead
    assert (dead_letter.raw, dead_letter.reason, dead_letter.user_id) == (raw, reason, user_id)


def test_commands_keep_their_order_among_dead_lines():
    lines = [command_line("ada", "opt_out"), b"{", command_line("bob", "forget")]
    parsed = parse_control(lines, RULES)
    assert [command.user_id for command in parsed.commands] == ["ada", "bob"]
    assert [dead_letter.raw for dead_letter in parsed.dead] == [b"{"]
