"""Event ids of users who have more of them than their records hold, in pages by event time."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.core.interest.event_ids import ID, make_ids
from jobs.operators.accepted_events import AcceptedEvents
from jobs.operators.state_ttl import map_with_ttl

PAGES_STATE = "id-pages-v1"
PAGED_USERS_STATE = "paged-users-v1"

PAGE_MS = 10_000
"""Length of a page in event time. A batch rewrites the pages of its events, and a crawler with a
thousand events a second fills a page with 120 kB."""


def pages_descriptor(ttl_s: int) -> MapStateDescriptor:
    """Map state page and user -> the ids as bytes."""
    return map_with_ttl(PAGES_STATE, ttl_s)


def paged_users_descriptor(ttl_s: int) -> MapStateDescriptor:
    """Map state user -> the minute of the epoch of the user's newest page change."""
    return map_with_ttl(PAGED_USERS_STATE, ttl_s)


class IdPages:
    """Two map states per bucket, with 12 bytes per id, for users whose records are full.

    An event that is fed again has the time that it had, so its id is looked for in one page,
    however many the user has. Both states live `ttl_s` seconds, the time within which
    duplicates are recognised; the names of the paged users stay in memory until the task ends.
    """

    def __init__(self, context: RuntimeContext, ttl_s: int) -> None:
        self._pages = context.get_map_state(pages_descriptor(ttl_s))
        self._users = context.get_map_state(paged_users_descriptor(ttl_s))
        # A copy of the map of paged users per bucket, read at its first batch after a start.
        self._changed: dict[int, dict[str, int]] = {}

    def seen(
        self, bucket: int, events: AcceptedEvents, asked: NDArray[np.bool_], oldest_minute: int
    ) -> NDArray[np.bool_]:
        """`(events,)`: whether each `asked` event is in a page and arrived at `oldest_minute` or
        later."""
        found = np.zeros(len(events), dtype=bool)
        if not (paged := self._read_users(bucket)):
            return found
        is_paged = np.array([user_id in paged for user_id in events.users], dtype=bool)
        for page, indices in _by_page(events, asked & is_paged[events.user]).items():
            if raw := self._pages.get(page):
                ids = np.frombuffer(raw, dtype=ID)
                kept = ids["key"][ids["minute"] >= oldest_minute]
                found[indices] = np.isin(events.key[indices], kept)
        return found

    def add(
        self,
        bucket: int,
        events: AcceptedEvents,
        added: NDArray[np.bool_],
        minute: int,
        oldest_minute: int,
    ) -> None:
        """Put the ids of the `added` events, which arrived in `minute`, into their pages."""
        for page, indices in _by_page(events, added).items():
            before = np.frombuffer(self._pages.get(page) or b"", dtype=ID)
            kept = before[before["minute"] >= oldest_minute].tobytes()
            self._pages.put(page, kept + make_ids(events.key[indices], minute).tobytes())
        changed = self._read_users(bucket)
        for user in np.unique(events.user[added]).tolist():
            user_id = events.users[user]
            if changed.get(user_id) != minute:
                changed[user_id] = minute
                self._users.put(user_id, minute)

    def remove(self, bucket: int, user_id: str) -> None:
        """Remove every page of a user."""
        if self._read_users(bucket).pop(user_id, None) is None:
            return
        self._users.remove(user_id)
        pages = list(self._pages.keys())
        for page in pages:
            if page.partition("/")[2] == user_id:
                self._pages.remove(page)

    def _read_users(self, bucket: int) -> dict[str, int]:
        if bucket not in self._changed:
            self._changed[bucket] = dict(self._users.items())
        return self._changed[bucket]


def _by_page(events: AcceptedEvents, chosen: NDArray[np.bool_]) -> dict[str, list[int]]:
    """The indices of the chosen events by the key of their page."""
    pages: dict[str, list[int]] = defaultdict(list)
    for index in np.flatnonzero(chosen).tolist():
        user_id = events.users[events.user[index]]
        pages[f"{events.time_ms[index] // PAGE_MS}/{user_id}"].append(index)
    return pages
