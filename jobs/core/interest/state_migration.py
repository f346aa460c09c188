"""Migrates a user's state from the layout of another configuration to the job's layout."""

from jobs.core.interest.packed_records import pack_records, unpack_records
from jobs.core.interest.user_state import Layout, UserEntry
from jobs.errors import StateSchemaError


def migrate_entry(entry: UserEntry, old: Layout, new: Layout, number: int) -> UserEntry:
    """The entry of layout `old` in layout `new`, whose number in the bucket state is `number`.

    Windows are matched by name: a new window begins empty, a missing one is dropped, and one with
    another half-life decays by it from its next event on. The newest of the last interactions are
    kept. With a new window, earlier events can no longer be undone.

    Raises StateSchemaError if the layouts have different dimensions.
    """
    if old.dim != new.dim:
        raise StateSchemaError(
            f"the state was written with vectors of {old.dim} dimensions, this job's space has"
            f" {new.dim}: start the job without this state"
        )
    if not entry.record:
        return entry._replace(layout=number)
    before = unpack_records([entry], old)
    after = new.empty(1)
    for name in ("version", "events", "last_ms"):
        after[name] = before[name]
    kept = min(old.last_n, new.last_n)
    for name in ("ring_ms", "ring_key", "ring_ref", "ring_weight", "ring_mark"):
        after[name][:, :kept] = before[name][:, :kept]
    for index, window in enumerate(new.windows):
        if window in old.windows:
            source = old.windows.index(window)
            for name in ("as_of", "weight", "unwritten", "sum"):
                after[name][:, index] = before[name][:, source]
    # Drop the undo log: a new window never counted those events, so undoing would subtract too
    # much.
    undo_log = entry.undo_log if set(new.windows) <= set(old.windows) else b""
    # All deferred rows become due, since some may be of new kinds.
    after["unwritten"][:, -1] = max(1.0, float(before["unwritten"][0, -1]))
    (record,) = pack_records(after)
    return entry._replace(record=record, undo_log=undo_log, layout=number)
