"""has_repeat_rules(): whether the table has a row."""


def test_one_row_is_enough(db):
    asked = "SELECT interestream.has_repeat_rules()"
    assert db.execute(asked).fetchone() == (False,)
    db.execute("INSERT INTO interestream.repeat_rules VALUES ('*', '*', NULL)")
    assert db.execute(asked).fetchone() == (True,)
