"""maintain(): every kind by its setting, on a real Postgres and real files."""

import os
import threading
from collections.abc import Iterator

import psycopg
import pytest

from jobs.errors import InterestreamError
from jobs.maintenance import rows
from jobs.maintenance.only_one import only_one
from jobs.maintenance.outcome import Done, Removed, Report
from jobs.maintenance.run import maintain
from tests.sql.builders import NOON, add_item, seeded, set_interests, show
from tests.sql.logins import login
from tests.sql.maintain.builders import (
    add_letter,
    add_old_space,
    add_relation,
    add_user,
)

DAY = 86_400
YEAR_OF_USERS = ("retention.user_ttl_s=86400", "retention.users_s=31536000")


def counts(report: Report) -> dict[str, int]:
    return {done.kind: done.removed.count for done in report.done if done.removed}


def number(db: psycopg.Connection, table: str) -> int:
    ((count,),) = db.execute(f"SELECT count(*) FROM interestream.{table}").fetchall()
    return int(count)


def test_the_defaults_remove_no_user_no_relation_and_no_item(shop, place):
    add_user(shop, "ann", 5_000)
    add_relation(shop, "ann", "a", 5_000)
    add_item(shop, "a", available=False)
    shop.execute("UPDATE interestream.items SET committed_at = '2001-01-01'")
    report = maintain(place())
    assert set(counts(report).values()) == {0}
    assert [number(shop, table) for table in ("users", "user_items", "items")] == [1, 1, 1]
    assert report.off == (
        "retention.users_s",
        "retention.user_items_s",
        "retention.withdrawn_items_s",
        "retention.checkpoints_s",
        "retention.store_mb",
    )


def test_old_letters_go_in_several_batches_and_their_number_stays(shop, place, monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 3)
    for seq in range(7):
        add_letter(shop, seq, 91)
    add_letter(shop, 7, 89)
    assert counts(maintain(place(), dry_run=True))["dead letters"] == 7
    assert number(shop, "dead_letters") == 8
    assert counts(maintain(place()))["dead letters"] == 7
    assert number(shop, "dead_letters") == 1
    kept = shop.execute("SELECT letters FROM interestream.removed_dead_letters").fetchall()
    assert kept == [(7,)]
    assert counts(maintain(place()))["dead letters"] == 0


def test_what_users_were_shown_goes_after_sixty_days(shop, place):
    for item, days in (("old", 61), ("new", 59)):
        show(shop, "ann", item, NOON)
        shop.execute(
            "UPDATE interestream.shown_items SET committed_at = now() - make_interval(days => %s)"
            " WHERE item_id = %s",
            [days, item],
        )
    assert counts(maintain(place(), dry_run=True))["shown items"] == 1
    assert number(shop, "shown_items") == 2
    assert counts(maintain(place()))["shown items"] == 1
    assert shop.execute("SELECT item_id FROM interestream.shown_items").fetchall() == [("new",)]


def test_zero_keeps_for_ever(shop, place):
    add_letter(shop, 0, 9_000)
    report = maintain(place("retention.dead_letters_s=0"))
    assert "retention.dead_letters_s" in report.off
    assert number(shop, "dead_letters") == 1


def test_an_old_space_goes_with_its_rows_and_is_named(shop, place):
    old = add_old_space(shop, "bb", 100)
    add_user(shop, "ann", 1, space=old)
    add_user(shop, "ann", 1)
    (done,) = [d for d in maintain(place(), dry_run=True).done if d.kind == "old spaces"]
    assert done.removed == Removed(1, "spaces", (f"{old} (mini@1)",))
    assert number(shop, "spaces") == 2
    maintain(place())
    assert shop.execute("SELECT DISTINCT space_id FROM interestream.users").fetchall() == [(1,)]
    assert number(shop, "spaces") == 1


def test_users_and_their_relations_have_settings_of_their_own(shop, place, monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 2)
    for user, days in (("ann", 400), ("bob", 10), ("cid", 400), ("dan", 400), ("eve", 1)):
        add_user(shop, user, days)
        for item in ("a", "b"):
            add_relation(shop, user, item, days)
    both = (*YEAR_OF_USERS, "retention.user_items_s=31536000")
    planned = counts(maintain(place(*both), dry_run=True))
    assert (planned["users"], planned["relations"]) == (3, 6)
    assert counts(maintain(place(*YEAR_OF_USERS)))["users"] == 3
    assert (number(shop, "users"), number(shop, "user_windows")) == (2, 4)
    assert number(shop, "user_items") == 10
    # Of users without a row their last event decides.
    assert counts(maintain(place(*both)))["relations"] == 6
    assert number(shop, "user_items") == 4


def test_withdrawn_items_are_deleted_for_good(shop, place, monkeypatch):
    monkeypatch.setattr(rows, "ITEMS_OF_A_BATCH", 2)
    for item, days, available in (
        ("a", 400, False),
        ("b", 400, True),
        ("c", 10, False),
        ("d", 400, False),
        ("e", 400, False),
    ):
        add_item(shop, item, seeded(1)[0], available=available)
        shop.execute(
            "UPDATE interestream.items SET committed_at = now() - %s * interval '1 day'"
            " WHERE item_id = %s",
            [days, item],
        )
    settings = place("retention.withdrawn_items_s=31536000")
    assert counts(maintain(settings, dry_run=True))["items"] == 3
    assert counts(maintain(settings))["items"] == 3
    left = shop.execute("SELECT item_id FROM interestream.items ORDER BY 1").fetchall()
    assert left == [("b",), ("c",)]
    assert number(shop, "item_vectors") == 2
    assert number(shop, "deleted_items") == 3


def test_files_go_by_their_settings(shop, place, tmp_path):
    checkpoints = tmp_path / "checkpoints"
    for name, day in (("a" * 32, 1), ("b" * 32, 2)):
        folder = checkpoints / name / "chk-1"
        folder.mkdir(parents=True)
        (folder / "_metadata").touch()
        for path in (folder / "_metadata", folder, folder.parent):
            os.utime(path, (day * DAY, day * DAY))
    log = tmp_path / "cluster" / "log" / "old.log"
    log.parent.mkdir(parents=True)
    log.write_text("x")
    os.utime(log, (DAY, DAY))
    report = maintain(place(f"checkpoints.directory={checkpoints}"))
    assert counts(report) | {"checkpoints": 1, "cluster logs": 1} == counts(report)
    assert [path.name for path in checkpoints.iterdir()] == ["b" * 32]


def test_what_fails_is_told_and_stops_nothing_else(shop, place, tmp_path):
    add_letter(shop, 0, 100)
    store = tmp_path / "store"
    store.write_text("this is no database, whatever its name is" * 100)
    report = maintain(place(f"encoder.store={store}"))
    assert not report.complete
    (failed,) = [done for done in report.done if done.problem]
    assert failed == Done("encoder store", "retention.store_mb", None, "file is not a database")
    assert counts(report)["dead letters"] == 1


def test_the_last_run_of_each_kind_is_recorded_once(shop, place):
    add_letter(shop, 0, 100)
    maintain(place(), dry_run=True)
    assert number(shop, "maintenance") == 0
    for removed in (1, 0):
        kinds = set(counts(maintain(place())))
        found = shop.execute("SELECT kind, removed FROM interestream.maintenance").fetchall()
        assert {kind for kind, _ in found} == kinds
        assert dict(found)["dead letters"] == removed


def test_an_admin_may_do_all_of_it_and_a_reader_nothing(dsn, shop, place):
    add_old_space(shop, "bb", 100)
    add_letter(shop, 0, 100)
    add_user(shop, "ann", 400)
    add_relation(shop, "ann", "a", 400)
    add_item(shop, "a", available=False)
    shop.execute("UPDATE interestream.items SET committed_at = '2001-01-01'")
    settings = (
        *YEAR_OF_USERS,
        "retention.user_items_s=31536000",
        "retention.withdrawn_items_s=31536000",
    )
    with login(dsn, "interestream_reader") as reader:
        report = maintain(place(*settings, of=reader), dry_run=True)
        refused = {"dead letters", "transfers", "rows of deleted spaces"}
        assert {done.kind for done in report.done if done.problem} == refused
    with login(dsn, "interestream_admin") as admin:
        for dry_run in (True, False):
            report = maintain(place(*settings, of=admin), dry_run=dry_run)
            assert report.complete, report
            found = counts(report)
            names = ("dead letters", "old spaces", "users", "relations", "items")
            assert [found[name] for name in names] == [1] * 5


def test_two_do_not_run_at_once(shop, place):
    with (
        only_one(place().dsn),
        pytest.raises(InterestreamError, match="another `interestream maintain` works"),
    ):
        maintain(place())
    maintain(place())


def test_the_lock_holds_back_no_vacuum(shop, place):
    with only_one(place().dsn):
        held = shop.execute(
            "SELECT backend_xmin, backend_xid FROM pg_stat_activity"
            " WHERE state = 'idle in transaction' AND datname = current_database()"
        ).fetchall()
    assert held == [(None, None)]


@pytest.fixture
def busy_job(dsn: str) -> Iterator[list[int]]:
    """A writer that renews and adds rows, as the job does, in transactions of several rows; the
    list gets a number for each."""
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with psycopg.connect(dsn) as db:
            while not stop.is_set():
                turn = len(written)
                for user in (f"u{(turn * 7 + step * 3) % 60:02}" for step in range(10)):
                    db.execute(
                        "INSERT INTO interestream.users (space_id, user_id, events, last_event_at,"
                        " epoch, version) VALUES (1, %s, 1, now(), 1, 1)"
                        " ON CONFLICT (space_id, user_id) DO UPDATE SET committed_at = now()",
                        [user],
                    )
                    db.execute(
                        "INSERT INTO interestream.user_items (user_id, item_id, actions, first_at,"
                        " last_at) VALUES (%s, 'a', 1, now(), now())"
                        " ON CONFLICT (user_id, item_id) DO UPDATE SET last_at = now()",
                        [user],
                    )
                add_letter(db, 1_000 + turn, 0)
                db.commit()
                written.append(turn)

    thread = threading.Thread(target=write)
    thread.start()
    yield written
    stop.set()
    thread.join(30)


def test_beside_a_writing_job_nothing_new_goes_and_nobody_fails(shop, place, busy_job, monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 7)
    for seq in range(100):
        add_letter(shop, seq, 100)
    for name in (f"old{each:02}" for each in range(40)):
        add_user(shop, name, 400)
        add_relation(shop, name, "a", 400)
    settings = place(*YEAR_OF_USERS, "retention.user_items_s=31536000")
    found: dict[str, int] = {}
    for _ in range(5):
        for kind, count in counts(maintain(settings)).items():
            found[kind] = found.get(kind, 0) + count
    before = len(busy_job)
    assert (found["dead letters"], found["users"], found["relations"]) == (100, 40, 40)
    assert before > 0
    # Every letter of the job is there, and it goes on.
    letters = shop.execute("SELECT count(*) FROM interestream.dead_letters").fetchone()[0]
    assert before <= letters <= len(busy_job) + 1


def test_a_vacuum_is_advised_after_many_rows():
    def report(count: int, *, dry_run: bool = False) -> Report:
        removed = Removed(count, "rows", vacuum={"users": count, "user_windows": 9_999})
        return Report(dry_run, (Done("users", "retention.users_s", removed),), ())

    assert report(9_999).hints == []
    (hint,) = report(12_000).hints
    assert hint.startswith("12,000 rows of interestream.users wait for a vacuum")
    assert "VACUUM (ANALYZE) interestream.users;" in hint
    assert report(12_000, dry_run=True).hints == []


def test_behind_a_pool_in_transaction_mode_the_lock_holds_and_goes(dsn, pooled, shop, place):
    behind = pooled(dsn)
    for seq in range(3):
        add_letter(shop, seq, 100)
    with (
        only_one(behind),
        pytest.raises(InterestreamError, match="another `interestream maintain` works"),
    ):
        maintain(place(of=behind))
    for removed in (3, 0):
        report = maintain(place(of=behind))
        assert report.complete, report
        assert counts(report)["dead letters"] == removed


def test_rows_of_a_space_that_is_gone_are_removed(shop, place):
    gone = add_old_space(shop, "bb", 1)
    shop.execute("SELECT interestream.drop_space(%s)", [gone])
    for space in (1, gone):
        set_interests(shop, "ann", ["a"], space=space)
    assert counts(maintain(place(), dry_run=True))["rows of deleted spaces"] == 1
    assert number(shop, "users") == 2
    assert counts(maintain(place()))["rows of deleted spaces"] == 1
    assert number(shop, "users") == 1
