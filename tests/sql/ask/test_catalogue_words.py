"""catalogue_words(): the names that requests in words can filter by."""

from tests.sql.builders import add_item


def words(db, **named):
    arguments = ", ".join(f"{name} => %({name})s" for name in named)
    return db.execute(f"SELECT * FROM interestream.catalogue_words({arguments})", named).fetchall()


def test_categories_numbers_and_texts_are_named_with_how_many_items_have_them(shop):
    add_item(shop, "a", categories=["x", "y"], attributes={"price": 5, "format": "audio"})
    add_item(shop, "b", categories=["y"], attributes={"price": 7.5, "format": "paper", "new": True})
    assert words(shop) == [
        ("category", "y", None, 2),
        ("category", "x", None, 1),
        ("number", "price", None, 2),
        ("text", "format", "audio", 1),
        ("text", "format", "paper", 1),
    ]


def test_an_attribute_with_another_text_for_each_item_has_no_words(shop):
    for number in range(4):
        add_item(shop, f"i{number}", attributes={"author": f"A{number}", "format": "paper"})
    assert words(shop, p_values=3) == [("text", "format", "paper", 4)]


def test_withdrawn_items_have_no_words(shop):
    add_item(shop, "a", categories=["x"], available=False)
    assert words(shop) == []


def test_a_sample_of_a_large_catalogue_is_read(shop):
    shop.execute(
        "INSERT INTO interestream.items (item_id, title, categories, epoch, version)"
        " SELECT 'i' || n, 'T', '{x}', 1, 1 FROM generate_series(1, 5000) AS n"
    )
    shop.execute("ANALYZE interestream.items")
    ((kind, name, _, items),) = words(shop, p_rows=1000)
    assert (kind, name) == ("category", "x")
    assert 200 <= items <= 2000
