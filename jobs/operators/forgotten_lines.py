"""Broken lines of users who are forgotten: they are counted, and nothing of them is kept."""

from collections.abc import Sequence

from jobs.core.parsing.events import FORGOTTEN_USER, DeadLetter
from jobs.operators.user_store import FORGET, UserStore


def without_forgotten(
    users: UserStore, bucket: int, dead: Sequence[DeadLetter]
) -> list[DeadLetter]:
    """The dead letters of a bucket, without content where their user is forgotten."""
    return [
        DeadLetter(b"", FORGOTTEN_USER)
        if dead_letter.user_id is not None
        and users.exclusion_reason(bucket, dead_letter.user_id) == FORGET
        else dead_letter
        for dead_letter in dead
    ]
