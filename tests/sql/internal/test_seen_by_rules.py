"""seen_by_rules(): the rule that fits best, and of several actions the longest time."""

import itertools

import numpy as np

from tests.sql.builders import ACTIONS, NOON, add_item, hours_ago, interact

DAY = 24


def still_seen(rules, actions, kind, days):
    """The same in Python, with rules as {(action, type): days}."""
    times = []
    for action in actions:
        for key in ((action, kind), (action, "*"), ("*", kind), ("*", "*")):
            if key in rules:
                times.append(rules[key])
                break
    if not times or None in times:
        return True
    return days < max(times)


def asked(db, item, actions, days):
    bits = sum(1 << ACTIONS[action][0] for action in actions)
    (found,) = db.execute(
        "SELECT interestream.seen_by_rules(%s, %s, %s)", [item, bits, hours_ago(days * DAY)]
    ).fetchone()
    return found


def test_every_set_of_rules_answers_as_in_python(shop):
    rng = np.random.default_rng(4)
    for kind in ("food", "book"):
        add_item(shop, kind, attributes={"type": kind})
    add_item(shop, "newest")
    interact(shop, "bob", "newest", "view", at=NOON)
    keys = list(itertools.product(("view", "like", "*"), ("food", "book", "*")))
    answers = set()
    for _ in range(40):
        rules = {
            keys[int(number)]: [0, 1, 5, 30, None][int(rng.integers(5))]
            for number in rng.choice(len(keys), int(rng.integers(1, 5)), replace=False)
        }
        shop.execute("DELETE FROM interestream.repeat_rules")
        for (action, kind), days in rules.items():
            shop.execute(
                "INSERT INTO interestream.repeat_rules VALUES (%s, %s, %s)", [action, kind, days]
            )
        for actions in (("view",), ("like",), ("view", "like"), ("view", "search")):
            for kind, ago in itertools.product(("food", "book"), (0.5, 3, 10, 100)):
                found = asked(shop, kind, actions, ago)
                assert found == still_seen(rules, actions, kind, ago), (rules, actions, kind, ago)
                answers.add(found)
    assert answers == {True, False}


def test_a_rule_of_no_days_lets_an_item_come_at_once(shop):
    add_item(shop, "bread", attributes={"type": "food"})
    interact(shop, "ann", "bread", "like", at=NOON)
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('like', 'food', 0)")
    assert asked(shop, "bread", ("like",), 0) is False


def test_an_item_without_a_type_follows_the_rules_for_all(shop):
    add_item(shop, "plain")
    interact(shop, "ann", "plain", "view", at=NOON)
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('view', 'food', 0)")
    assert asked(shop, "plain", ("view",), 10) is True
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('view', '*', 5)")
    assert asked(shop, "plain", ("view",), 10) is False
