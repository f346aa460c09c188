"""State backends that the job is tested with, as options of the cluster."""

from collections.abc import Mapping

BACKENDS: Mapping[str, Mapping[str, str]] = {
    "heap": {},
    "rocksdb": {
        "state.backend.type": "rocksdb",
        "execution.checkpointing.incremental": "true",
    },
}
