"""item_type(): the attribute of that name, else the first category."""

TYPES = [
    ('{"type": "course"}', "{book,film}", "course"),
    ("{}", "{book,film}", "book"),
    ('{"type": 7}', "{book}", "book"),
    ('{"type": ["course"]}', "{}", None),
    ('{"type": null}', "{film}", "film"),
    ("{}", "{}", None),
    ('{"type": ""}', "{film}", ""),
]


def test_a_text_named_type_decides_and_then_the_first_category(db):
    for attributes, categories, expected in TYPES:
        assert db.execute(
            "SELECT interestream.item_type(%s::jsonb, %s::text[])", [attributes, categories]
        ).fetchone() == (expected,)


def test_an_index_finds_the_items_of_a_type(db):
    db.execute("SET LOCAL enable_seqscan = off")
    plan = db.execute(
        "EXPLAIN SELECT FROM interestream.items AS i"
        " WHERE interestream.passes_filter(i, interestream.item_filter(p_types => '{course}'))"
    ).fetchall()
    assert any("items_type" in line for (line,) in plan)
