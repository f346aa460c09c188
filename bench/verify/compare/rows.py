"""Compares the rows of `users`, `user_items` and `items`; each function counts stored rows."""

from bench.verify.compare.findings import Findings, Tolerance
from bench.verify.compare.stored import Connection, read_items, read_user_items, read_users
from bench.verify.recompute import Expected, UserItem


def compare_users(
    expected: Expected, connection: Connection, space_id: int, findings: Findings
) -> int:
    """Compare all users of a space: number of events and time of the last one."""
    found = set()
    for user_id, events, last_event_us in read_users(connection, space_id):
        found.add(user_id)
        user = expected.users.get(user_id)
        if user is None:
            findings.add("users not expected", repr(user_id))
        elif (user.events, user.last_event_ms * 1000) != (events, last_event_us):
            findings.add(
                "users different",
                f"{user_id!r}: {user.events} events until {user.last_event_ms * 1000} us "
                f"expected, {events} until {last_event_us} us found",
            )
    for user_id in expected.users.keys() - found:
        findings.add("users missing", repr(user_id))
    return len(found)


def compare_user_items(
    expected: Expected, connection: Connection, tolerance: Tolerance, findings: Findings
) -> int:
    """Compare what every user did with every item."""
    found = set()
    for key, stored in read_user_items(connection):
        found.add(key)
        expected_row = expected.user_items.get(key)
        if not expected.counts_decided and key[0] in expected.opted_out:
            continue
        if expected_row is None:
            findings.add("user_items not expected", repr(key))
        elif not stored.whole_ms or not _same(
            expected_row, stored.user_item, tolerance, signals=key[0] not in expected.undecided
        ):
            findings.add(
                "user_items different",
                f"{key!r}: {expected_row} expected, {stored.user_item} found",
            )
    for key in expected.user_items.keys() - found:
        findings.add("user_items missing", repr(key))
    return len(found)


def _same(expected_row: UserItem, found: UserItem, tolerance: Tolerance, *, signals: bool) -> bool:
    """Whether two rows agree; the signals count only with `signals`."""
    if (expected_row.actions, expected_row.first_ms, expected_row.last_ms) != (
        found.actions,
        found.first_ms,
        found.last_ms,
    ):
        return False
    if not signals:
        return True
    if expected_row.signal is None or found.signal is None:
        return expected_row.signal is None and found.signal is None
    limit = tolerance.weight * abs(expected_row.signal) + expected_row.slack
    return abs(expected_row.signal - found.signal) <= limit and (
        (expected_row.signal_ms, expected_row.signal_key) == (found.signal_ms, found.signal_key)
    )


def compare_items(
    expected: Expected, connection: Connection, space_id: int, findings: Findings
) -> int:
    """Compare all items: document, availability, group, and whether the space has a vector."""
    found = set()
    for item_id, document, available, representative, vectors in read_items(connection, space_id):
        found.add(item_id)
        expected_row = expected.items.get(item_id)
        if expected_row is None:
            findings.add("items not expected", repr(item_id))
        elif expected.changes_decided and expected_row != (document, available):
            findings.add(
                "items different",
                f"{item_id!r}: {expected_row} expected, {(document, available)} found",
            )
        elif expected.changes_decided and expected.representatives[item_id] != representative:
            findings.add(
                "items: other representative",
                f"{item_id!r}: {expected.representatives[item_id]!r} expected, "
                f"{representative!r} found",
            )
        if not vectors:
            findings.add("items without a vector", repr(item_id))
    for item_id in expected.items.keys() - found:
        findings.add("items missing", repr(item_id))
    return len(found)
