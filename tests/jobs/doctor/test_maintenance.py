"""Doctor and health warn of what nobody removes."""

import psycopg
import pytest

from jobs.health.verdict import State, Thresholds
from jobs.health.watch import Watched, watch
from jobs.maintenance.overdue import Overdue, read_overdue
from jobs.retention_settings import Retention
from tests.sql.builders import add_space
from tests.sql.logins import login
from tests.sql.maintain.builders import add_letter, add_old_space


@pytest.fixture
def shop(dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        yield db


def ran(db, days):
    db.execute(
        "INSERT INTO interestream.maintenance VALUES ('x', now() - %s * interval '1 day', 0)",
        [days],
    )


def test_a_day_behind_retention_is_what_a_run_a_day_leaves(shop):
    add_letter(shop, 0, 91.9)
    add_old_space(shop, "bb", 91.9)
    assert read_overdue(shop, Retention()) == Overdue(None, None, ())


def test_two_days_behind_retention_somebody_has_to_look(shop):
    add_letter(shop, 0, 93)
    space = add_old_space(shop, "bb", 93)
    ran(shop, 3)
    assert read_overdue(shop, Retention()).sentence == (
        f"dead letters are up to 93 d old and nobody has used the spaces {space} for long,"
        " and `interestream maintain` ran 3 d ago"
    )


def test_what_is_kept_for_ever_is_never_overdue(shop):
    add_letter(shop, 0, 5_000)
    add_old_space(shop, "bb", 5_000)
    assert read_overdue(shop, Retention(dead_letters_s=0, spaces_s=0)).sentence == ""


def test_the_page_of_doctor_has_a_line(doctor, dsn, shop):
    ((level, found, _),) = doctor.look(dsn=dsn).of("Maintenance")
    expected = "nothing lies beyond its retention; `interestream maintain` never ran"
    assert (level, found) == ("ok", expected)
    add_letter(shop, 0, 100)
    ((level, found, advice),) = doctor.look(dsn=dsn).of("Maintenance")
    assert level == "warn"
    assert found == "dead letters are up to 100 d old, and `interestream maintain` never ran"
    assert advice.startswith("run `interestream maintain` every night")
    assert doctor.look("retention.dead_letters_s=0", dsn=dsn).of("Maintenance")[0][0] == "ok"


def test_the_login_of_the_job_is_told_nothing_and_raises_no_alarm(dsn, shop, tmp_path):
    add_letter(shop, 0, 100)
    with login(dsn, "interestream_writer") as writer:
        watched = Watched(writer, "", tmp_path / "cluster", None, must_read_streams=False)
        verdicts = watch(watched, Thresholds())
    assert "maintenance" not in {each.check for each in verdicts}
    assert State.CRITICAL not in {each.state for each in verdicts}


def test_health_warns_a_reader_and_is_not_critical(dsn, shop, tmp_path):
    add_letter(shop, 0, 100)
    with login(dsn, "interestream_reader") as reader:
        watched = Watched(reader, "", tmp_path / "cluster", None, must_read_streams=False)
        verdicts = {each.check: each for each in watch(watched, Thresholds())}
    assert verdicts["maintenance"].state is State.WARNING
    assert "dead letters are up to 100 d old" in verdicts["maintenance"].sentence
