"""The time to live of keyed state."""

from pyflink.common import Time, Types
from pyflink.datastream.state import MapStateDescriptor, StateTtlConfig


def map_with_ttl(name: str, ttl_s: int) -> MapStateDescriptor:
    """Map state string -> pickled value; an entry lives `ttl_s` seconds after its last change.

    The TTL is always on, since a savepoint of a state without TTL cannot be restored into one with
    TTL. Flink's incremental clean-up is off: it would scan a bucket's whole map at every access
    (docs/traps.md). Expired entries are left out of checkpoints and of RocksDB's compactions
    instead; on the heap they stay until they are read or the job restarts.
    """
    descriptor = MapStateDescriptor(name, Types.STRING(), Types.PICKLED_BYTE_ARRAY())
    descriptor.enable_time_to_live(
        StateTtlConfig.new_builder(Time.seconds(ttl_s))
        .disable_cleanup_in_background()
        .cleanup_full_snapshot()
        # PyFlink makes the default of the second argument, a Java duration, by starting a second
        # JVM (docs/traps.md). Thread mode never reads the argument.
        .cleanup_in_rocksdb_compact_filter(1_000, Time.days(30))
        .build()
    )
    return descriptor
