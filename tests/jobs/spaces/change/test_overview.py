"""Every space compared with the active one."""

from jobs.spaces.change.overview import space_overview


def test_each_space_has_its_coverage_and_state(two_spaces):
    rows = {row["space_id"]: row for row in space_overview(two_spaces)}
    assert [(row["state"], row["dim"]) for row in rows.values()] == [("active", 8), ("", 4)]
    first, second = rows[1], rows[2]
    assert (first["records"], first["records_behind"]) == (10, 0)
    assert (second["records"], second["records_behind"]) == (0, 10)
    assert (second["items_covered"], second["items"]) == (4, 6)
    assert (second["users_covered"], second["users"]) == (1, 2)
    assert second["written_ago_s"] is None


def test_the_space_that_back_activates_is_marked(two_spaces):
    two_spaces.execute("SELECT interestream.activate_space(2)")
    states = {row["space_id"]: row["state"] for row in space_overview(two_spaces)}
    assert states == {1: "previous", 2: "active"}
