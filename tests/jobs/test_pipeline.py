"""Names in savepoints: changing one of them loses the state of a running job."""

from jobs.operators.bucket_state import BUCKET_STATE
from jobs.operators.contributions import CONTRIBUTIONS
from jobs.operators.deferred_writes import DEFERRED
from jobs.operators.encode_queue import QUEUE_ENDS, QUEUED_DOCUMENTS
from jobs.operators.id_pages import paged_users_descriptor, pages_descriptor
from jobs.operators.item_codes import ITEM_CODES
from jobs.operators.item_updates import KNOWN_ITEMS
from jobs.operators.item_vectors import (
    ANNOUNCED_VECTORS,
    DELETED_ITEMS,
    ITEM_VECTORS,
    LIVING_BUCKETS,
)
from jobs.operators.merged_users import MERGED_INTO, PARTS
from jobs.operators.neighbor_step import NEIGHBOR_BOOK, NEIGHBOR_PAGES, NEIGHBOR_PENDING
from jobs.operators.private_trend_writer import EVENT_TIME, OPEN_DAYS
from jobs.operators.transfers import SENT, TAKEN
from jobs.operators.trend_clock_step import TREND_CLOCK, TREND_PENDING
from jobs.operators.trend_writer import TREND_SLIDES, TREND_STATE
from jobs.operators.user_store import EXCLUDED, users_descriptor
from jobs.operators.waiting_events import WAITING
from jobs.pipeline import UIDS


def test_the_uids_of_the_steps_never_change():
    assert UIDS == {
        "item step": "items-v1",
        "vector writer": "item-vectors-v1",
        "interest step": "interest-v2",
        "user writer": "users-v1",
        "neighbor step": "neighbors-v1",
        "trend clock": "trend-clock-v1",
        "trend writer": "trend-writer-v1",
    }


def test_the_names_of_the_states_never_change():
    states = (
        *(
            users_descriptor(1),
            EXCLUDED,
            pages_descriptor(1),
            paged_users_descriptor(1),
            WAITING,
            DEFERRED,
            BUCKET_STATE,
            KNOWN_ITEMS,
            QUEUED_DOCUMENTS,
            QUEUE_ENDS,
            ITEM_VECTORS,
            ANNOUNCED_VECTORS,
            LIVING_BUCKETS,
            DELETED_ITEMS,
        ),
        *(NEIGHBOR_BOOK, NEIGHBOR_PAGES, NEIGHBOR_PENDING, ITEM_CODES),
        *(TREND_CLOCK, TREND_PENDING, TREND_STATE, TREND_SLIDES),
        *(MERGED_INTO, PARTS, SENT, TAKEN),
        *(EVENT_TIME, OPEN_DAYS),
    )
    assert [state.get_name() for state in states] == [
        "users-v2",
        "excluded-v1",
        "id-pages-v1",
        "paged-users-v1",
        "waiting-v2",
        "unwritten-v1",
        "book-v2",
        "known-items-v1",
        "queued-documents-v1",
        "queue-ends-v1",
        "item-vectors-v1",
        "announced-vectors-v1",
        "item-buckets-v1",
        "deleted-items-v1",
        "neighbor-book-v1",
        "neighbor-pages-v1",
        "neighbor-pending-v1",
        "neighbor-ids-v1",
        "trend-clock-v1",
        "trend-pending-v1",
        "trend-book-v1",
        "trend-slides-v1",
        "merged-into-v1",
        "merged-parts-v1",
        "transfers-v1",
        "taken-v1",
        "private-event-time-v1",
        "private-open-days-v1",
    ]
    assert CONTRIBUTIONS == "contributions-v1"
