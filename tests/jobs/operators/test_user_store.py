"""The user store: entries in today's layout, a time to live that is always set, digests of ids."""

import hashlib

import numpy as np
import pytest

from jobs.core.user_state import NEVER, Layout, UserEntry
from jobs.errors import StateSchemaError
from jobs.operators.user_store import FORGET, OPT_OUT, UserStore, digest, users_descriptor
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

    def store(self, layout: Layout = OLD) -> UserStore:
        return UserStore(self, layout, ttl_s=60)


def entry(layout: Layout, version: int = 7) -> UserEntry:
    record = layout.empty(1, version)
    record["weight"][0, layout.windows.index("day")] = 3.0
    return UserEntry(record.tobytes(), b"ids", b"", b"marks")


def test_what_was_put_is_read_and_a_stranger_is_none():
    store, layouts = Context().store(), [OLD.described()]
    store.put({"ada": entry(OLD)}, layouts)
    assert store.read(["bob", "ada"], layouts) == [None, entry(OLD)]
    store.remove("ada")
    assert store.read(["ada"], layouts) == [None]


def test_an_entry_of_an_older_layout_is_brought_to_todays():
    context = Context()
    context.store().put({"ada": entry(OLD)}, [OLD.described()])
    layouts = [OLD.described(), NEW.described()]
    store = context.store(NEW)
    (found,) = store.read(["ada"], layouts)
    assert found is not None
    record = np.frombuffer(found.record, dtype=NEW.dtype)
    assert record["weight"].tolist() == [[0.0, 3.0]]
    assert record["as_of"].tolist() == [[NEVER, NEVER]]
    assert record["version"].tolist() == [7]
    # A new window never counted what the marks stand for.
    assert (found.ids, found.marks, found.layout) == (b"ids", b"", 1)
    store.put({"ada": found}, layouts)
    assert store.read(["ada"], layouts) == [found]


def test_entries_of_several_layouts_are_read_side_by_side():
    context, layouts = Context(), [OLD.described()]
    context.store().put({"ada": entry(OLD, 1), "bob": entry(OLD, 2)}, layouts)
    layouts.append(NEW.described())
    context.store(NEW).put({"bob": entry(NEW, 3)}, layouts)
    layouts.append(OLD.described())
    found = context.store(OLD).read(["ada", "bob"], layouts)
    versions = [np.frombuffer(e.record, dtype=OLD.dtype)["version"][0] for e in found if e]
    assert versions == [1, 3]
    assert [e.layout for e in found if e] == [2, 2]


def test_an_entry_of_another_dimension_is_refused():
    context = Context()
    context.store().put({"ada": entry(OLD)}, [OLD.described()])
    other = Layout(8, ("day",), 2)
    with pytest.raises(StateSchemaError, match="4 dimensions"):
        context.store(other).read(["ada"], [OLD.described(), other.described()])


@pytest.mark.parametrize("ttl_s", [1, 34_560_000])
def test_users_always_have_a_time_to_live(ttl_s):
    ttl = users_descriptor(ttl_s)._ttl_config
    assert ttl.is_enabled()
    assert ttl.get_ttl().to_milliseconds() == ttl_s * 1000


def test_who_is_excluded_is_known_by_a_digest_before_and_after_a_start():
    context = Context()
    store = context.store()
    store.exclude(BUCKET, "ada", FORGET)
    store.exclude(BUCKET, "bob", OPT_OUT)
    for found in (store, context.store()):
        assert found.excluded(BUCKET, ["ada", "bob", "cleo"]).tolist() == [True, True, False]
        assert found.why_excluded(BUCKET, "ada") == FORGET
        assert found.why_excluded(BUCKET, "cleo") is None
    store.take_back(BUCKET, "bob")
    for found in (store, context.store()):
        assert found.excluded(BUCKET, ["ada", "bob"]).tolist() == [True, False]


def test_a_digest_is_128_bits_of_blake2b():
    assert digest("Ädä") == hashlib.blake2b("Ädä".encode(), digest_size=16).hexdigest()
    assert len(digest("x" * 256)) == 32
