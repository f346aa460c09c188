"""reset_weights(): what was learned of a space is forgotten."""

from tests.sql.ask.test_learned import learn


def test_reset_weights_forgets_one_space(shop):
    learn(shop, "all", "text", 1.0)
    shop.execute("INSERT INTO interestream.learned_weights VALUES (7, 'all', 'text', 1, 1)")
    shop.execute("INSERT INTO interestream.learning VALUES (1, 'few', 120, 100, 43)")
    assert shop.execute("SELECT interestream.reset_weights()").fetchone() == (1,)
    assert shop.execute("SELECT space_id FROM interestream.learned_weights").fetchall() == [(7,)]
    assert shop.execute("SELECT count(*) FROM interestream.learning").fetchone() == (0,)
