"""What users were recommended and clicked, and the counts of click-through, in the state."""

from collections.abc import Iterable

import orjson
from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.core.feedback.click_join import (
    ClickSums,
    Feedback,
    JoinSettings,
    Log,
    join_clicks,
    merge_logs,
    pack_log,
    unpack_log,
)
from jobs.core.feedback.click_rows import ClickRows, click_rows
from jobs.core.feedback.contexts import Cell, unnamed
from jobs.feedback_settings import FeedbackSettings
from jobs.operators.state_ttl import map_with_ttl

RECOMMENDED = "recommended-v1"
CLICK_COUNTS = MapStateDescriptor("click-counts-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class ClickCounts:
    """Two map states per bucket, which are empty as long as no event names a recommendation.

    - For each user the newest `feedback.last_n` items of recommendations that were shown or
      clicked (about 30 bytes each). They are removed `user_ttl_s` after the last of them, or when
      the user is forgotten.
    - Impressions and clicks by cell, since the state began: at most `feedback.most_cells`, and a
      cell for each position. They hold no user.
    """

    def __init__(
        self, runtime_context: RuntimeContext, ttl_s: int, settings: FeedbackSettings
    ) -> None:
        self._logs = runtime_context.get_map_state(map_with_ttl(RECOMMENDED, ttl_s))
        self._counts = runtime_context.get_map_state(CLICK_COUNTS)
        self._join = JoinSettings(settings.window_s * 1000, settings.last_n)
        self._most_cells = settings.most_cells
        # A copy of the counts per bucket, read at its first use after a start.
        self._known: dict[int, dict[Cell, tuple[int, int]]] = {}

    def add(self, bucket: int, events: Iterable[Feedback], sums: ClickSums) -> ClickRows:
        """Join events by user, in their order, and add what they count to `sums`, which are empty.

        Returns the counts that are to be written.
        """
        by_user: dict[str, list[Feedback]] = {}
        for event in events:
            by_user.setdefault(event.user_id, []).append(event)
        for user_id, theirs in by_user.items():
            log = join_clicks(self._log(user_id), theirs, self._join, sums)
            self._logs.put(user_id, pack_log(log))
        return self._count(bucket, sums)

    def take(self, user_id: str) -> bytes:
        """Remove and return the packed log of a user, empty where there is none."""
        packed: bytes = self._logs.get(user_id) or b""
        if packed:
            self._logs.remove(user_id)
        return packed

    def merge(self, bucket: int, user_id: str, packed: bytes) -> ClickRows:
        """Add the log of a user who was merged; returns the counts that are to be written."""
        sums = ClickSums()
        log = merge_logs(unpack_log(packed), self._log(user_id), self._join, sums)
        self._logs.put(user_id, pack_log(log))
        return self._count(bucket, sums)

    def _log(self, user_id: str) -> Log:
        return unpack_log(self._logs.get(user_id) or b"")

    def _count(self, bucket: int, sums: ClickSums) -> ClickRows:
        """Add the sums to the counts of the bucket.

        The first rows after a start are all of the bucket: a restore may have gone back behind what
        was written.
        """
        known = self._known.get(bucket)
        complete = known is None
        if known is None:
            known = {Cell(*orjson.loads(key)): counts for key, counts in self._counts.items()}
            self._known[bucket] = known
        changed: set[Cell] = set()
        for cell in {**sums.impressions, **sums.clicks}:
            counted = cell if cell in known or len(known) < self._most_cells else unnamed(cell)
            impressions, clicks = known.get(counted, (0, 0))
            known[counted] = (
                impressions + sums.impressions[cell],
                clicks + sums.clicks[cell],
            )
            changed.add(counted)
        for cell in changed:
            self._counts.put(orjson.dumps(list(cell)).decode(), known[cell])
        return click_rows(known if complete else {cell: known[cell] for cell in changed}, complete)
