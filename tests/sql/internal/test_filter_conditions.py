"""filter_conditions(): every field in words, and as a filter that does the same alone."""

FIELDS = {
    "p_categories => '{book,film}'": ["category book or film"],
    "p_types => '{course}'": ["type course"],
    "p_languages => '{de,en}'": ["language de or en"],
    "p_published_after => '2026-01-02Z'": ["published from 2026-01-02 00:00:00+00 on"],
    "p_published_before => '2026-01-02Z'": ["published before 2026-01-02 00:00:00+00"],
    """p_attributes => '{"format": "audio", "pages": 90}'""": ["pages 90", "format audio"],
    """p_ranges => '{"price": {"below": 20, "min": 5}, "pages": {"max": 90.0}, "a": {"above": -1.5}}'""": [  # noqa: E501
        "a above -1.5",
        "pages up to 90",
        "price from 5 and below 20",
    ],
    "p_not_categories => '{crime}'": ["not in category crime"],
    "p_not_types => '{course,talk}'": ["not of type course or talk"],
    """p_not_attributes => '{"format": ["audio", "print"], "pages": 90, "none": []}'""": [
        "not pages 90",
        "not format audio or print",
    ],
    "p_not_words => '{used,second hand}'": ["without the word used or second hand"],
}


def conditions(db, arguments):
    return db.execute(
        "SELECT c.place, c.condition, c.single::text FROM interestream.filter_conditions("
        f"interestream.item_filter({arguments})) AS c ORDER BY c.place"
    ).fetchall()


def test_every_field_has_its_words(db):
    db.execute("SET LOCAL timezone = 'UTC'")
    every = db.execute("SELECT proargnames FROM pg_proc WHERE proname = 'item_filter'").fetchone()
    assert {arguments.split()[0] for arguments in FIELDS} == set(every[0])
    for arguments, words in FIELDS.items():
        found = conditions(db, arguments)
        assert [words for _, words, _ in found] == words
        assert [place for place, *_ in found] == list(range(1, len(words) + 1))


def test_a_filter_of_one_condition_is_that_condition(db):
    for arguments in ("'{book}'", "p_not_words => '{used}'", """p_ranges => '{"a": {"min": 1}}'"""):
        (whole,) = db.execute(f"SELECT interestream.item_filter({arguments})::text").fetchone()
        ((_, _, single),) = conditions(db, arguments)
        assert single == whole


def test_a_filter_that_filters_nothing_has_no_conditions(db):
    assert conditions(db, "") == []
