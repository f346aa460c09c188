"""The book of a bucket: counters that come back from state as they were."""

from jobs.core.progress import Progress
from jobs.operators.bucket_book import Book, read_book
from tests.fakes.keyed_context import Cells, FakeValueState

FULL = Book(7, Progress(21, 1, 2, 3, 4, 11), Progress(5, applied=5), timer_ms=99, expiry_ms=1)


def test_a_book_comes_back_as_it_was_packed():
    assert Book.unpack(FULL.pack()) == FULL


def test_a_packed_book_is_made_of_plain_tuples_and_numbers():
    def plain(value: object) -> bool:
        return type(value) is int or (type(value) is tuple and all(map(plain, value)))

    assert plain(FULL.pack())


def test_a_bucket_without_a_book_starts_under_the_epoch_of_the_job():
    cells: Cells = {}
    state = FakeValueState(lambda: cells)
    assert read_book(state, epoch=9) == Book(9)
    state.update(FULL.pack())
    assert read_book(state, epoch=9) == FULL
