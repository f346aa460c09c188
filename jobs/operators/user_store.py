"""The state of a bucket's users, and which users are excluded."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.core.interest.state_migration import migrate_entry
from jobs.core.interest.user_state import Layout, UserEntry, make_entry
from jobs.operators.state_ttl import map_with_ttl

USERS_STATE = "users-v2"
EXCLUDED = MapStateDescriptor("excluded-v1", Types.STRING(), Types.STRING())

_SAMPLE = 256
"""Number of cached entries whose size is measured."""
_OVERHEAD_BYTES = 350
"""Bytes of a cached entry besides its parts: the tuple, the headers of the parts, the key."""

FORGET = "forget"
OPT_OUT = "opt_out"


def users_descriptor(ttl_s: int) -> MapStateDescriptor:
    """Map state user id -> UserEntry, with a TTL of `ttl_s` seconds per user."""
    return map_with_ttl(USERS_STATE, ttl_s)


@dataclass
class UserCounts:
    """What a store did with users since the last `take`, by the names of its metrics."""

    users_new: int = 0
    users_written: int = 0
    users_written_bytes: int = 0
    user_cache_hits: int = 0
    user_cache_misses: int = 0

    def add_written(self, entries: Collection[UserEntry]) -> None:
        """Count entries that were written, and their bytes."""
        self.users_written += len(entries)
        self.users_written_bytes += sum(map(_parts_size, entries))

    def take(self) -> dict[str, int]:
        """Return the counts by name, and begin at 0."""
        taken = dict(vars(self))
        vars(self).update(vars(UserCounts()))
        return taken


class UserStore:
    """Two map states per bucket.

    Users: a UserEntry per user. It takes 4.1 to 7.2 kB by default, and 12 bytes per event id within
    the duplicate TTL, 35 per event of the undo log, 2 * dim + 8 per text among the last
    interactions. An entry is removed `user_ttl_s` after the user's last event.

    Excluded: a digest of the user's id (32 characters) and the reason, per forgotten or opted-out
    user. It is removed by `opt_in` only, so the state grows with the number of forgotten users:
    their later events must be recognised. The id cannot be recovered from the digest.
    """

    def __init__(
        self, context: RuntimeContext, layout: Layout, ttl_s: int, cache_mb: int = 0
    ) -> None:
        self._cache = EntryCache(ttl_s * 1000, cache_mb << 20)
        self._users = context.get_map_state(users_descriptor(ttl_s))
        self._excluded = context.get_map_state(EXCLUDED)
        self._layout = layout
        self.counts = UserCounts()
        self._unknown: set[str] = set()  # users of the last read without an entry
        # A copy of the map of excluded users per bucket, read at its first batch after a start.
        self._reasons: dict[int, dict[str, str]] = {}

    def read(
        self, users: Sequence[str], layouts: Sequence[tuple[object, ...]], now_ms: int
    ) -> list[UserEntry | None]:
        """The users' entries in the current layout, None for a user without one.

        `layouts` are the layouts of the bucket state, the current one last. Raises StateSchemaError
        for an entry whose vectors have another dimension.
        """
        entries = self._cache.find(users, now_ms)
        get, current = self._users.get, len(layouts) - 1
        self._unknown.clear()
        missing = [index for index, entry in enumerate(entries) if entry is None]
        self.counts.user_cache_hits += len(entries) - len(missing)
        self.counts.user_cache_misses += len(missing)
        for index in missing:
            if (packed := get(users[index])) is None:
                self._unknown.add(users[index])
            else:
                kept = make_entry(packed)
                if kept.layout != current:
                    old = Layout(*layouts[kept.layout])  # type: ignore[arg-type]
                    kept = migrate_entry(kept, old, self._layout, current)
                entries[index] = kept
        return entries

    def put(self, entries: Mapping[str, UserEntry]) -> None:
        """Keep entries, which must be in the current layout."""
        if entries:
            self._users.put_all({user: tuple(entry) for user, entry in entries.items()})
            self._cache.put(entries)
            self.counts.add_written(entries.values())
            if new := self._unknown.intersection(entries):
                self.counts.users_new += len(new)
                self._unknown -= new

    def remove(self, user_id: str) -> None:
        """Remove a user's entry."""
        self._users.remove(user_id)
        self._cache.remove(user_id)

    def excluded(self, bucket: int, users: Sequence[str]) -> NDArray[np.bool_]:
        """`(users,)`: whether each user is forgotten or has opted out."""
        reasons = self._read_reasons(bucket)
        if not reasons:
            return np.zeros(len(users), dtype=bool)
        return np.array([digest(user_id) in reasons for user_id in users], dtype=bool)

    def exclusion_reason(self, bucket: int, user_id: str) -> str | None:
        """Why a user is excluded: FORGET, OPT_OUT, or None for a user who is not."""
        return self._read_reasons(bucket).get(digest(user_id))

    def exclude(self, bucket: int, user_id: str, reason: str) -> None:
        """Exclude a user's later events for `reason`, FORGET or OPT_OUT."""
        self._read_reasons(bucket)[digest(user_id)] = reason
        self._excluded.put(digest(user_id), reason)

    def readmit(self, bucket: int, user_id: str) -> None:
        """Accept a user's later events again."""
        self._read_reasons(bucket).pop(digest(user_id), None)
        self._excluded.remove(digest(user_id))

    def _read_reasons(self, bucket: int) -> dict[str, str]:
        """The reason by digest of each excluded user of the bucket."""
        reasons = self._reasons.get(bucket)
        if reasons is None:
            reasons = self._reasons[bucket] = dict(self._excluded.items())
        return reasons


class EntryCache:
    """Recently put entries, in memory: at most `max_bytes` of them, none older than `ttl_ms`.

    Entries are in two generations. When the younger one has half of the bytes, or a third of the
    TTL is over, it becomes the older one, and the entries of the former older one are dropped.
    """

    def __init__(self, ttl_ms: int, max_bytes: int) -> None:
        self._period_ms = ttl_ms // 3
        self._half_bytes = max_bytes // 2
        self._young: dict[str, UserEntry] = {}
        self._old: dict[str, UserEntry] = {}
        self._since_ms = 0

    def find(self, users: Iterable[str], now_ms: int) -> list[UserEntry | None]:
        """The cached entry of each user, or None."""
        age_ms = now_ms - self._since_ms
        if age_ms >= self._period_ms:
            # After two periods without a batch, entries may be older than the TTL.
            self._start_generation(self._young if age_ms < 2 * self._period_ms else {}, now_ms)
        elif self._is_full():
            self._start_generation(self._young, now_ms)
        young, old = self._young.get, self._old.get
        return [young(user_id) or old(user_id) for user_id in users]

    def put(self, entries: Mapping[str, UserEntry]) -> None:
        """Cache entries by user id."""
        if self._half_bytes:
            self._young.update(entries)

    def remove(self, user_id: str) -> None:
        """Drop a user's entry."""
        self._young.pop(user_id, None)
        self._old.pop(user_id, None)

    def _start_generation(self, old: dict[str, UserEntry], now_ms: int) -> None:
        self._old, self._young, self._since_ms = old, {}, now_ms

    def _is_full(self) -> bool:
        """Whether the younger generation has half of the bytes, estimated from a sample."""
        count = len(self._young)
        sample = [_size(entry) for entry in islice(self._young.values(), _SAMPLE)]
        return bool(sample) and count * sum(sample) / len(sample) > self._half_bytes


def _size(entry: UserEntry) -> int:
    """Estimated size of a cached entry in bytes."""
    return _OVERHEAD_BYTES + _parts_size(entry)


def _parts_size(entry: UserEntry) -> int:
    """Size of the packed parts of an entry in bytes, which is that of its state but for framing."""
    return len(entry.record) + len(entry.ids) + len(entry.texts) + len(entry.undo_log)


def digest(user_id: str) -> str:
    """128 bits of BLAKE2b as 32 characters, which identify an excluded user without the id."""
    return hashlib.blake2b(user_id.encode(), digest_size=16).hexdigest()
