"""The user store: entries in the current layout, the cache, the TTL, and excluded users."""

import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.interest.packed_records import unpack_records
from jobs.core.interest.user_state import NEVER, Layout, UserEntry
from jobs.errors import StateSchemaError
from jobs.operators.user_store import (
    FORGET,
    OPT_OUT,
    EntryCache,
    UserStore,
    digest,
    users_descriptor,
)
from tests.fakes.keyed_context import Cells, FakeMapState

BUCKET = 0
OLD = Layout(4, ("day",), 2)
NEW = Layout(4, ("topics", "day"), 3)


class Context:
    """Map states over cells that outlive a store."""

    def __init__(self) -> None:
        self.cells: dict[str, Cells] = {"users-v2": {}, "excluded-v1": {}}

    def get_map_state(self, descriptor):
        return FakeMapState(lambda: self.cells[descriptor.get_name()])

    def store(self, layout: Layout = OLD, cache_mb: int = 0) -> UserStore:
        return UserStore(self, layout, ttl_s=60, cache_mb=cache_mb)


def entry(layout: Layout, version: int = 7, number: int = 0) -> UserEntry:
    record = layout.empty(1, version)
    record["weight"][0, layout.windows.index("day")] = 3.0
    return UserEntry(record.tobytes(), b"ids", b"", b"log", number)


@pytest.mark.parametrize("cache_mb", [0, 1])
def test_a_put_entry_is_read_and_an_unknown_user_has_none(cache_mb):
    store, layouts = Context().store(cache_mb=cache_mb), [OLD.as_tuple()]
    store.put({"ada": entry(OLD)})
    assert store.read(["bob", "ada"], layouts, 0) == [None, entry(OLD)]
    store.remove("ada")
    assert store.read(["ada"], layouts, 0) == [None]


def test_a_cached_entry_is_not_read_from_the_state():
    context, layouts = Context(), [OLD.as_tuple()]
    cached, plain = context.store(cache_mb=1), context.store()
    for store in (cached, plain):
        store.put({"ada": entry(OLD)})
    context.cells["users-v2"].clear()
    assert cached.read(["ada"], layouts, 0) == [entry(OLD)]
    assert plain.read(["ada"], layouts, 0) == [None]
    cached.remove("ada")
    assert cached.read(["ada"], layouts, 0) == [None]


def test_what_it_did_with_users_is_counted():
    store, layouts = Context().store(cache_mb=1), [OLD.as_tuple()]
    store.read(["ada", "bob"], layouts, 0)
    store.put({"ada": entry(OLD)})
    store.put({"ada": entry(OLD)})
    size = len(entry(OLD).record) + len(b"ids") + len(b"log")
    assert store.counts.take() == {
        "users_new": 1,
        "users_written": 2,
        "users_written_bytes": 2 * size,
        "user_cache_hits": 0,
        "user_cache_misses": 2,
    }
    store.read(["ada", "bob"], layouts, 0)
    store.put({"ada": entry(OLD), "bob": entry(OLD)})
    taken = store.counts.take()
    assert (taken["users_new"], taken["user_cache_hits"], taken["user_cache_misses"]) == (1, 1, 1)
    assert set(store.counts.take().values()) == {0}


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 40_000), st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
    ),
    max_bytes=st.sampled_from([0, 2_000, 1 << 20]),
)
def test_the_cache_returns_the_last_entry_put_within_the_ttl(steps, max_bytes):
    cache, put, now_ms = EntryCache(60_000, max_bytes), dict[str, tuple[int, UserEntry]](), 0
    for number, (wait_ms, looked_up, put_users) in enumerate(steps):
        now_ms += wait_ms
        names = [str(user) for user in looked_up]
        for name, found in zip(names, cache.find(names, now_ms), strict=True):
            if found is not None:
                at_ms, last = put[name]
                assert found is last
                assert now_ms - at_ms < 60_000
        entries = {str(user): UserEntry(b"%d" % number) for user in put_users}
        cache.put(entries)
        put.update({name: (now_ms, new) for name, new in entries.items()})


def test_the_cache_keeps_the_newest_entries_within_its_bytes():
    cache = EntryCache(60_000, 100_000)
    names = [f"user-{number}" for number in range(1_000)]
    for name in names:
        cache.put({name: UserEntry(b"x" * 1_000)})
        cache.find([], 0)
    found = [name for name, entry in zip(names, cache.find(names, 0), strict=True) if entry]
    assert found == names[-len(found) :]
    assert 30 <= len(found) <= 100


def test_an_entry_of_an_older_layout_is_migrated():
    context = Context()
    context.store().put({"ada": entry(OLD)})
    layouts = [OLD.as_tuple(), NEW.as_tuple()]
    store = context.store(NEW)
    (found,) = store.read(["ada"], layouts, 0)
    assert found is not None
    record = unpack_records([found], NEW)
    assert record["weight"].tolist() == [[0.0, 3.0]]
    assert record["as_of"].tolist() == [[NEVER, NEVER]]
    assert record["version"].tolist() == [7]
    # A new window never counted the events of the log.
    assert (found.ids, found.undo_log, found.layout) == (b"ids", b"", 1)
    store.put({"ada": found})
    assert store.read(["ada"], layouts, 0) == [found]


def test_entries_of_several_layouts_can_be_read_together():
    context, layouts = Context(), [OLD.as_tuple()]
    context.store().put({"ada": entry(OLD, 1), "bob": entry(OLD, 2)})
    layouts.append(NEW.as_tuple())
    context.store(NEW).put({"bob": entry(NEW, 3, 1)})
    layouts.append(OLD.as_tuple())
    found = context.store(OLD).read(["ada", "bob"], layouts, 0)
    assert unpack_records(found, OLD)["version"].tolist() == [1, 3]
    assert [e.layout for e in found if e] == [2, 2]


def test_an_entry_of_another_dimension_is_refused():
    context = Context()
    context.store().put({"ada": entry(OLD)})
    other = Layout(8, ("day",), 2)
    with pytest.raises(StateSchemaError, match="4 dimensions"):
        context.store(other).read(["ada"], [OLD.as_tuple(), other.as_tuple()], 0)


@pytest.mark.parametrize("ttl_s", [1, 34_560_000])
def test_the_users_state_always_has_a_ttl(ttl_s):
    ttl = users_descriptor(ttl_s)._ttl_config
    assert ttl.is_enabled()
    assert ttl.get_ttl().to_milliseconds() == ttl_s * 1000


def test_excluded_users_are_known_before_and_after_a_start():
    context = Context()
    store = context.store()
    store.exclude(BUCKET, "ada", FORGET)
    store.exclude(BUCKET, "bob", OPT_OUT)
    for found in (store, context.store()):
        assert found.excluded(BUCKET, ["ada", "bob", "cleo"]).tolist() == [True, True, False]
        assert found.exclusion_reason(BUCKET, "ada") == FORGET
        assert found.exclusion_reason(BUCKET, "cleo") is None
    store.readmit(BUCKET, "bob")
    for found in (store, context.store()):
        assert found.excluded(BUCKET, ["ada", "bob"]).tolist() == [True, False]


def test_a_digest_is_128_bits_of_blake2b():
    assert digest("Ädä") == hashlib.blake2b("Ädä".encode(), digest_size=16).hexdigest()
    assert len(digest("x" * 256)) == 32


def test_the_descriptor_of_the_users_needs_no_java(tmp_path):
    code = (
        "from jobs.operators.user_store import users_descriptor\n"
        "from pyflink import java_gateway\n"
        "config = users_descriptor(60)._ttl_config\n"
        "strategy = config.get_cleanup_strategies().get_rocksdb_compact_filter_cleanup_strategy()\n"
        "print(strategy.get_query_time_after_num_entries(), java_gateway._gateway)"
    )
    nowhere = {"PATH": str(tmp_path), "JAVA_HOME": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=nowhere, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1000", "None"], done.stderr
