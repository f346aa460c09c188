"""running_experiment(): the one that a call of recommend() takes part in."""

from tests.sql.experiments import PLAIN, start


def running(db, space=None, diversity=None, explore=None):
    return db.execute(
        "SELECT interestream.running_experiment(%s::int, %s::float8, %s::float8)",
        [space, diversity, explore],
    ).fetchone()[0]


def test_none_runs_before_the_start_and_after_the_end(shop):
    assert running(shop) is None
    start(shop)
    assert running(shop) == "trial"
    shop.execute("SELECT interestream.end_experiment()")
    assert running(shop) is None


def test_a_call_that_gives_what_a_variant_changes_takes_no_part(shop):
    start(shop, PLAIN, {"variant": "b", "share": 0.5, "diversity": 0.5})
    assert running(shop, diversity=0.3) is None
    assert running(shop, space=1, explore=0.1) == "trial"
    shop.execute("SELECT interestream.end_experiment()")
    start(shop, PLAIN, {"variant": "b", "share": 0.5, "explore": 0.5, "space": 1}, name="two")
    assert running(shop, diversity=0.3) == "two"
    assert running(shop, explore=0.3) is None
    assert running(shop, space=1) is None
