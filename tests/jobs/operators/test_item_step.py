"""The item step: which rows are written, and which documents are sent to the encoder."""

from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pytest
from pyflink.common import Row

from jobs.operators.encode_queue import PORTION
from jobs.operators.item_step import ANNOUNCED, LIFE_MS, ItemStep
from jobs.operators.item_vectors import ALIVE, sign_of_life
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import NOON_MS, item_line, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space


class ItemWorld:
    def __init__(self, dsn: str, epoch: int = 100) -> None:
        self.dsn = dsn
        space_id = create_space(dsn)
        settings = operator_settings(dsn, epoch=epoch, space_id=space_id)
        self.flink = FakeFlink(lambda: ItemStep(settings), NOON_MS)
        self.signs_of_life = 0

    def items(self, *lines: bytes, bucket: int = 0) -> list[tuple[str, int, int, str]]:
        """Feed a batch; (item, epoch, version, document) of each changed text."""
        self.announced: list[tuple[str, int, int]] = []
        """(item, epoch, version) that the batch announced."""
        return self._documents(self.flink.send(Row(bucket, list(lines))), bucket)

    def later(self, by_ms: int = 1, bucket: int = 0) -> list[tuple[str, int, int, str]]:
        """Advance the clock; what timers passed on."""
        self.flink.timer_rows.clear()
        self.flink.advance(by_ms)
        return self._documents(self.flink.timer_rows, bucket)

    def _documents(self, sent: list[Any], bucket: int) -> list[tuple[str, int, int, str]]:
        documents = []
        for row in sent:
            if isinstance(row, tuple) and row[0] is ANNOUNCED:
                _, (announced_in, heads, vectors) = row
                if announced_in == ALIVE:
                    assert row[1] == sign_of_life(bucket)
                    self.signs_of_life += 1
                    continue
                assert (announced_in, list(vectors)) == (bucket, [b""] * len(heads))
                self.announced += [tuple(orjson.loads(head)) for head in heads]
            else:
                assert row[0] == bucket
                documents.append((*orjson.loads(row[1]), row[2]))
        return documents

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            return db.execute(query).fetchall()

    def titles(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT item_id, title, version FROM interestream.items ORDER BY 1")

    def progress(self) -> tuple[Any, ...]:
        """in, duplicates, dead letters, applied of all buckets."""
        (found,) = self.rows(
            "SELECT sum(records_in)::int, sum(duplicates)::int, sum(dead_letters)::int,"
            " sum(applied)::int FROM interestream.job_progress WHERE stream = 'items'"
        )
        return found


@pytest.fixture
def world(job_dsn: str) -> Iterator[ItemWorld]:
    made = ItemWorld(job_dsn)
    yield made
    made.flink.close()


def test_rows_reasons_and_what_waits_for_the_encoder_are_metrics(world):
    items = [item_line(f"i{number}", text=f"Text {number}") for number in range(PORTION * 2 + 1)]
    world.items(*items, b"{")
    read = world.flink.metrics.read()
    assert read["rows_written{table=items}"] == len(items)
    assert read["rows_written{table=dead_letters}"] == read["dead_letters{reason=not_json}"] == 1
    assert (read["records_in"], read["applied"]) == (len(items) + 1, len(items))
    assert read["queue_portions"] == 3
    world.later(3 * LIFE_MS)
    read = world.flink.metrics.read()
    assert (read["queue_portions"], read["queue_age_ms"]) == (0, 0)


def test_a_new_item_is_written_and_encoded(world):
    assert world.items(item_line("a", title="Alien", text="In space")) == [
        ("a", 100, 1, "Alien. In space")
    ]
    assert world.rows("SELECT item_id, title, body, epoch, version FROM interestream.items") == [
        ("a", "Alien", "In space", 100, 1)
    ]
    assert world.progress() == (1, 0, 0, 1)


def test_an_item_with_an_unchanged_document_is_written_and_not_encoded_again(world):
    world.items(item_line("a", title="Alien"))
    assert world.items(item_line("a", title="Alien", available=False)) == []
    assert world.rows("SELECT available, version FROM interestream.items") == [(False, 2)]
    assert world.progress() == (2, 0, 0, 1)


def test_the_last_update_of_an_item_in_a_batch_counts(world):
    sent = world.items(item_line("a", title="Alien"), item_line("a", title="Aliens"))
    assert sent == [("a", 100, 2, "Aliens")]
    assert world.titles() == [("a", "Aliens", 2)]


def test_of_several_documents_of_an_item_in_a_batch_the_last_one_is_encoded(world):
    world.items(item_line("a", title="Alien"))
    sent = world.items(item_line("a", title="Aliens"), item_line("a", title="Alien"))
    assert sent == [("a", 100, 3, "Alien")]


def test_an_older_update_of_an_item_is_dropped_and_counted(world):
    world.items(item_line("a", title="New", updated_at=NOON_MS))
    assert world.items(item_line("a", title="Old", updated_at=NOON_MS - 1)) == []
    assert world.titles() == [("a", "New", 1)]
    assert world.items(item_line("a", title="Newer", updated_at=NOON_MS)) != []
    assert world.progress() == (3, 1, 0, 2)


def test_broken_items_are_dead_letters_of_their_stream(world):
    world.items(b"{", item_line("a"), item_line("b", title=3))
    found = world.rows("SELECT stream, reason, raw FROM interestream.dead_letters ORDER BY seq")
    assert found == [
        ("items", "not_json", b"{"),
        ("items", "wrong_type", item_line("b", title=3)),
    ]
    assert world.progress() == (3, 0, 2, 1)


def test_every_column_holds_any_value(world):
    odd = "tab\t newline\n \\N {\"a\",'b'} \u2028 \U0001f600"
    world.items(
        item_line(
            odd,
            title=odd,
            text=odd,
            categories=[odd, "", "NULL", "a,b"],
            language="de",
            published_at="1979-05-25T00:00:00.123Z",
            attributes={odd: [1.5, None, {"deep": odd}]},
        )
    )
    (found,) = world.rows(
        "SELECT item_id, title, body, categories, language, published_at::text, attributes"
        " FROM interestream.items"
    )
    assert found == (
        odd,
        odd,
        odd,
        [odd, "", "NULL", "a,b"],
        "de",
        "1979-05-25 00:00:00.123+00",
        {odd: [1.5, None, {"deep": odd}]},
    )


@pytest.mark.parametrize("moment", [-62_135_596_800_000, 253_402_300_799_999])
def test_the_earliest_and_latest_times_fit_the_table(world, moment):
    world.items(item_line("a", published_at=moment, updated_at=moment))
    assert world.titles() == [("a", "A", 1)]


def test_the_longest_category_fits_the_index(world):
    name = "".join(chr(0x1F300 + number) for number in range(256))
    world.items(item_line("a", categories=[name]))
    assert world.rows("SELECT categories FROM interestream.items") == [([name],)]


def test_after_a_restore_the_same_items_in_other_batches_give_the_same_rows(world):
    lines = [
        item_line("a", title="Alien"),
        item_line("b"),
        item_line("a", title="Aliens"),
        item_line("a", title="Aliens", available=False),
    ]
    checkpoint = world.flink.snapshot()
    first = [*world.items(*lines[:2]), *world.items(*lines[2:])]
    rows = world.titles()
    world.flink.restore(checkpoint)
    second = [*world.items(lines[0]), *world.items(*lines[1:3]), *world.items(lines[3])]
    assert world.titles() == rows == [("a", "Aliens", 3), ("b", "B", 1)]
    assert world.progress()[0] == 4
    # The newest version of each item decides its vector; its document is the same both times.
    assert max(first)[3] == max(second)[3] == "B"
    assert max(row for row in first if row[0] == "a") == ("a", 100, 2, "Aliens")
    assert max(row for row in second if row[0] == "a") == ("a", 100, 2, "Aliens")


def test_a_job_that_started_earlier_never_overwrites_a_later_one(job_dsn):
    newer, older = ItemWorld(job_dsn, epoch=200), ItemWorld(job_dsn, epoch=100)
    newer.items(item_line("a", title="New"))
    for title in ("Old", "Older", "Oldest"):
        older.items(item_line("a", title=title))
    assert newer.titles() == [("a", "New", 1)]
    newer.flink.close()
    older.flink.close()


def test_the_state_holds_one_entry_per_item(world):
    for number in range(3):
        world.items(item_line("a", title=f"Alien {number}"), item_line("b"))
    assert world.flink.entries("known-items-v1") == 2
    assert world.flink.timers == 1  # the next sign of life


def test_an_item_whose_key_could_not_be_read_is_a_dead_letter_and_writes_no_row(world):
    lines = [item_line("a"), b"{"]
    assert world.items(*lines, bucket=UNREADABLE_BUCKET) == []
    found = world.rows("SELECT raw, reason FROM interestream.dead_letters ORDER BY seq")
    assert found == [(lines[0], "unreadable_key"), (lines[1], "not_json")]
    assert (world.titles(), world.progress()) == ([], (2, 0, 2, 0))


def lines_of(prefix: str, count: int, **fields: Any) -> list[bytes]:
    return [item_line(f"{prefix}-{number:03}", **fields) for number in range(count)]


def ids(documents: list[tuple[str, int, int, str]]) -> list[str]:
    return [item_id for item_id, _, _, _ in documents]


def test_a_change_of_text_is_announced_and_a_new_item_is_not(world):
    world.items(item_line("a", title="Alien"))
    assert world.announced == []
    world.items(item_line("a", title="Aliens"), item_line("b", title="Brazil"))
    assert world.announced == [("a", 100, 2)]
    world.items(item_line("a", title="Aliens", available=False))
    assert world.announced == []


def test_every_batch_of_items_tells_that_items_are_read(world):
    (sent,) = world.flink.send(Row(0, [b"broken"]))
    assert sent[0] is ANNOUNCED


def test_a_storm_of_items_reaches_the_encoder_in_portions(world):
    storm = lines_of("storm", 2 * PORTION + 1, title="One of many")
    assert world.items(*storm) == []
    assert world.progress() == (2 * PORTION + 1, 0, 0, 2 * PORTION + 1)
    passed_on = [ids(world.later()) for _ in range(4)]
    assert [len(portion) for portion in passed_on] == [PORTION, PORTION, 1, 0]
    expected = [f"storm-{number:03}" for number in range(2 * PORTION + 1)]
    assert [item_id for portion in passed_on for item_id in portion] == expected
    assert world.flink.entries("queued-documents-v1") == 0
    assert ids(world.items(item_line("after", title="At once again"))) == ["after"]


def test_changed_texts_overtake_new_ones_in_the_queue_and_are_announced_at_once(world):
    world.items(item_line("a", title="Alien"))
    world.items(*lines_of("storm", 2 * PORTION, title="One of many"))
    assert world.items(item_line("a", title="Aliens"), item_line("b", title="Brazil")) == []
    assert world.announced == [("a", 100, 2)]
    passed_on = [ids(world.later()) for _ in range(4)]
    assert passed_on[0] == ["a"]
    assert passed_on[3] == ["b"]


def test_the_queue_outlives_a_restore(world):
    world.items(*lines_of("storm", 2 * PORTION, title="One of many"))
    first = world.later()
    snapshot = world.flink.snapshot()
    lost = world.later()
    world.flink.restore(snapshot)
    assert world.later(2) == lost
    assert len({*ids(first), *ids(lost)}) == 2 * PORTION


def test_queues_of_two_buckets_are_apart(world):
    world.items(*lines_of("left", PORTION + 1, title="Left"), bucket=0)
    world.items(*lines_of("right", PORTION + 1, title="Right"), bucket=1)
    world.flink.advance(10)
    rows = [row for row in world.flink.timer_rows if isinstance(row, Row)]
    assert {(row[0], orjson.loads(row[1])[0].split("-")[0]) for row in rows} == {
        (0, "left"),
        (1, "right"),
    }
    assert len(rows) == 2 * PORTION + 2


def test_the_step_gives_signs_of_life_from_its_first_batch_on_and_at_once_after_a_restart(world):
    world.later(2 * LIFE_MS)
    assert world.signs_of_life == 0
    world.items(item_line("a", title="Alien"))
    assert world.later(3 * LIFE_MS) == []
    assert world.signs_of_life == 3
    snapshot = world.flink.snapshot()
    world.flink.now_ms += 60_000  # an outage
    world.flink.restore(snapshot)
    world.later(0)
    assert world.signs_of_life == 4
