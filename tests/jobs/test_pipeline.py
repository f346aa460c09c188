"""Names that savepoints depend on: changing one of these loses the state of a running job."""

from jobs.operators.bucket_book import BOOK
from jobs.operators.due_list import DUE
from jobs.operators.item_step import KNOWN_ITEMS
from jobs.operators.item_vectors import ITEM_VECTORS
from jobs.operators.user_store import EXCLUDED, users_descriptor
from jobs.operators.waiting_room import WAITING
from jobs.pipeline import UIDS


def test_the_uids_of_the_steps_never_change():
    assert UIDS == {
        "item step": "items-v1",
        "vector writer": "item-vectors-v1",
        "interest step": "interest-v2",
        "user writer": "users-v1",
    }


def test_the_names_of_the_states_never_change():
    states = (users_descriptor(1), EXCLUDED, WAITING, DUE, BOOK, KNOWN_ITEMS, ITEM_VECTORS)
    assert [state.get_name() for state in states] == [
        "users-v2",
        "excluded-v1",
        "waiting-v2",
        "unwritten-v1",
        "book-v2",
        "known-items-v1",
        "item-vectors-v1",
    ]
