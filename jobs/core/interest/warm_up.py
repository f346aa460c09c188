"""Compiles the kernels of the fold, or loads them from numba's cache, before the first batch."""

import numpy as np

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.undo import NOT_UNDOABLE
from jobs.core.kernels.loaded import kernels


def warm_up(settings: FoldSettings) -> bool:
    """Fold one like of one user, which calls every kernel; returns whether there are kernels.

    It takes half a second with the cache of a process before, and 14 s of processor time without.

    >>> from jobs.config import Interest
    >>> warm_up(FoldSettings.of(Interest(), dim=2))
    True
    """
    if kernels() is None:
        return False
    dim = settings.layout.dim
    catalogue = Catalogue(dim, capacity=1)
    catalogue.put("item", np.full(dim, dim**-0.5, dtype=np.float16))
    one, none = np.array([0]), np.array([-1])
    like = JoinedEvents(
        user=one,
        time_ms=np.array([0]),
        key=np.array([1], dtype=np.uint64),
        weight=np.array([1.0]),
        row=one,
        ref=catalogue.references(one),
        text_row=none,
        text_ref=np.array([0], dtype=np.uint64),
        comment=np.array([False]),
        engagement=np.array([1.0]),
        undo_bit=np.array([NOT_UNDOABLE], dtype=np.uint8),
        undoes=np.array([False]),
        text_vectors=np.empty((0, dim), dtype=np.float16),
    )
    fold([None], like, catalogue, settings)
    return True
