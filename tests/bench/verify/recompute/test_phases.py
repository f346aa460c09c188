"""What the oracle makes of changing items and of commands, phase by phase."""

from typing import Any

import pytest

from bench.verify.recompute import Expected, Phase, recompute_phases
from tests.bench.verify.builders import DAY_MS, MINUTE_MS, NOON_MS, NOW_MS, event, row, vectors


def expect(*phases: Phase) -> Expected:
    return recompute_phases(phases, vectors=vectors, now_ms=NOW_MS)


def item(title: str, **more: Any) -> dict[str, Any]:
    return {"item_id": "thing", "title": title, **more}


def command(name: str, user: str = "ada") -> dict[str, Any]:
    return {"user_id": user, "command": name}


VIEW = event(1, "view", NOON_MS, "thing")
AGAIN = event(2, "view", NOON_MS + MINUTE_MS, "thing")


def test_a_half_life_window_keeps_the_vector_and_recent_shows_the_current_one() -> None:
    expected = expect(Phase([item("East")], [VIEW]), Phase([item("North")], [AGAIN]))
    unit, _, _ = row(expected, "month")
    assert unit[0] / unit[1] == pytest.approx(2 ** (-1 / 43_200))
    assert row(expected, "session")[0] == [0.0, 1.0, 0.0]
    assert row(expected, "recent")[0] == [0.0, 1.0, 0.0]


def test_recent_that_nothing_changes_keeps_the_vectors_of_its_last_write() -> None:
    skip = event(2, "skip", NOON_MS + 1, "thing")
    expected = expect(Phase([item("East")], [VIEW]), Phase([item("North")], [skip]))
    assert row(expected, "recent")[0] == [1.0, 0.0, 0.0]
    # Written with the user's row, which any event changes.
    assert row(expected, "session")[0] == [0.0, 1.0, 0.0]
    assert row(expected, "dislikes")[0] == [0.0, 1.0, 0.0]


def test_an_event_that_is_undone_later_is_subtracted_with_the_vector_of_that_time() -> None:
    like, unlike = event(1, "like", NOON_MS, "thing"), event(2, "unlike", NOON_MS + 1, "thing")
    stay = event(3, "like", NOON_MS, "other")
    other = {"item_id": "other", "title": "Up"}
    expected = expect(Phase([item("East"), other], [like, stay]), Phase([item("North")], [unlike]))
    # 3 * Up + 3 * East - 3 * North, and the weight of Up alone.
    unit, weight, _ = row(expected, "month")
    assert unit == pytest.approx([3**-0.5, -(3**-0.5), 3**-0.5])
    assert weight == 3.0
    # When the undo came first, nothing was ever added.
    expected = expect(Phase([item("East"), other], [unlike]), Phase([item("North")], [like, stay]))
    assert row(expected, "month")[0] == [0.0, 0.0, 1.0]


def test_an_event_that_waited_counts_with_the_phase_of_its_item() -> None:
    expected = expect(Phase([], [VIEW]), Phase([item("East")]), Phase([item("North")]))
    assert row(expected, "day")[0] == [1.0, 0.0, 0.0]
    assert expected.counts["events"].applied == 1
    assert expect(Phase([], [VIEW])).counts["events"].waiting == 1


@pytest.mark.parametrize(
    ("new_title", "later", "undecided"),
    [
        ("North", [], {"ada"}),
        ("East", [], set()),
        ("North", [event(3, "view", NOON_MS + 2 * MINUTE_MS, "thing")], set()),
    ],
)
def test_an_event_that_waited_is_written_while_items_change_and_the_input_does_not_decide(
    new_title: str, later: list[dict[str, Any]], undecided: set[str]
) -> None:
    new = {"item_id": "new", "title": "Up"}
    waits = event(2, "view", NOON_MS + MINUTE_MS, "new")
    expected = expect(Phase([item("East")], [VIEW, waits]), Phase([item(new_title), new], later))
    assert expected.undecided == undecided


def test_only_a_document_that_changed_is_encoded() -> None:
    expected = expect(
        Phase([item("East", text="")]),
        Phase([item("East", available=False)]),
        Phase([item("East", categories=["new"])]),
        Phase([item("East", text="and more")]),
    )
    assert expected.counts["items"].applied == 2
    assert expected.items == {"thing": ("East. and more", True)}
    assert expected.changes_decided
    assert expect(Phase([item("East", available=False)])).items == {"thing": ("East", False)}
    assert not expect(Phase([item("East"), item("North")])).changes_decided


GONE = {"item_id": "thing", "available": False}


def test_a_withdrawn_item_keeps_its_document_and_its_vector() -> None:
    expected = expect(Phase([item("East")], [VIEW]), Phase([GONE], [AGAIN]))
    assert expected.items == {"thing": ("East", False)}
    assert row(expected, "month")[0] == [1.0, 0.0, 0.0]
    back = expect(Phase([item("East")]), Phase([GONE]), Phase([item("East")]))
    assert back.items == {"thing": ("East", True)}
    assert back.counts["items"].applied == 1


def test_what_is_older_or_withdraws_an_unknown_item_is_passed_over() -> None:
    expected = expect(
        Phase([GONE]),
        Phase([item("East", updated_at=NOON_MS)]),
        Phase([{**GONE, "updated_at": NOON_MS - 1}]),
        Phase([item("North", updated_at=NOON_MS - 1)]),
    )
    assert expected.items == {"thing": ("East", True)}
    counts = expected.counts["items"]
    assert (counts.records_in, counts.duplicates, counts.applied) == (4, 3, 1)
    assert expect(Phase([item("East")]), Phase([GONE])).items == {"thing": ("East", False)}


def test_the_withdrawn_item_of_a_group_gives_its_place_to_another() -> None:
    twin = {"item_id": "twin", "title": "East"}
    expected = expect(Phase([item("East"), twin]), Phase([GONE]))
    assert expected.representatives == {"thing": "twin", "twin": "twin"}


DELETE: dict[str, Any] = {"command": "delete_item", "item_id": "thing"}
OTHER = {"item_id": "other", "title": "Up"}


def test_a_deleted_item_is_no_item_and_what_was_done_with_it_stays_in_the_sums() -> None:
    stay = event(2, "view", NOON_MS + MINUTE_MS, "other")
    expected = expect(
        Phase([item("East"), OTHER], [VIEW], [DELETE]), Phase([item("North")], [stay])
    )
    assert expected.items == {"other": ("Up", True)}
    assert expected.deleted == {"thing"}
    assert row(expected, "month")[0] == pytest.approx([2**-0.5, 0, 2**-0.5], abs=1e-4)
    # recent was written after the deletion: 1 of Up, and nothing but weight of the other.
    unit, weight, _ = row(expected, "recent")
    assert unit == [0.0, 0.0, 1.0]
    assert weight == pytest.approx(1 + 2 ** (-1 / 3))
    assert row(expected, "session")[:2] == ([0.0, 0.0, 1.0], 2.0)
    assert expected.user_items.keys() == {("ada", "thing"), ("ada", "other")}
    counts = expected.counts["items"]
    assert (counts.records_in, counts.applied, counts.excluded) == (3, 2, 1)
    assert expected.counts["control"].applied == 1


def test_rows_from_before_the_deletion_keep_its_vector() -> None:
    expected = expect(Phase([item("East")], [VIEW], [DELETE]), Phase([], []))
    assert row(expected, "recent")[0] == [1.0, 0.0, 0.0]


def test_events_of_a_deleted_item_are_excluded_and_queries_are_not() -> None:
    waits = event(3, "view", NOON_MS, "later")
    query = event(4, "search", NOON_MS + MINUTE_MS, "thing", text="North")
    expected = expect(
        Phase([item("East")], [waits], [DELETE, {**DELETE, "item_id": "later"}]),
        Phase([{"item_id": "later", "title": "Up"}], [VIEW, VIEW, query]),
    )
    counts = expected.counts["events"]
    assert (counts.waiting, counts.excluded, counts.applied, counts.duplicates) == (0, 3, 1, 0)
    assert expected.items == {}
    assert row(expected, "month")[0] == [0.0, -1.0, 0.0]
    assert expected.user_items == {}


def test_a_deleted_item_keeps_its_place_in_sequences_and_has_no_row() -> None:
    third = {"item_id": "third", "title": "North"}
    likes = [
        event(n, "like", NOON_MS + n * MINUTE_MS, name)
        for n, name in enumerate(("other", "thing", "third"))
    ]
    expected = expect(
        Phase([item("East"), OTHER, third], likes[:2], [DELETE]), Phase([], likes[2:])
    )
    strengths = expected.neighbors.strengths
    assert strengths.keys() == {"other", "third"}
    # Two places behind: 2^-0.5, as of now.
    forward = 2**-0.5 * 2 ** ((NOON_MS - NOW_MS) / (365 * DAY_MS))
    assert dict(strengths["other"]) == pytest.approx({"third": forward}, rel=1e-3)
    assert dict(strengths["third"]) == pytest.approx({"other": forward / 2}, rel=1e-3)
    assert expected.neighbors.interactions.keys() == {"other", "third"}


def test_dead_letters_of_a_deleted_item_are_counted_and_not_expected() -> None:
    broken = item("", text="Broken")
    expected = expect(Phase([broken, b"{"], [], [DELETE]), Phase([broken]))
    assert expected.dead_letters == {("items", "not_json"): 1}
    assert expected.counts["items"].dead_letters == 3


def test_the_order_of_a_deletion_and_an_opt_in_is_open() -> None:
    out = Phase([item("East")], [VIEW], [command("opt_out")])
    assert expect(out, Phase([], [], [command("opt_in"), DELETE])).undecided == {"ada"}
    assert expect(out, Phase([], [], [DELETE]), Phase([], [], [command("opt_in")])).undecided == (
        set()
    )


def test_a_forgotten_user_stays_out_and_waiting_events_are_excluded() -> None:
    lost = event(3, "view", NOON_MS, "lost")
    expected = expect(
        Phase([item("East")], [VIEW, lost], [command("forget"), command("opt_in")]),
        Phase([], [AGAIN, VIEW]),
    )
    counts = expected.counts["events"]
    assert (counts.applied, counts.waiting, counts.excluded, counts.duplicates) == (1, 0, 3, 0)
    assert (expected.users, expected.user_items, expected.windows.keys) == ({}, {}, [])
    assert expected.forgotten == {"ada"}


def test_a_user_who_opts_out_has_no_vectors_and_gets_them_again_on_opting_in() -> None:
    out = Phase([item("East")], [VIEW], [command("opt_out")])
    missed = Phase([item("North")], [AGAIN])
    back = Phase([], [], [command("opt_in")])
    expected = expect(out, missed)
    assert (expected.users, expected.windows.keys) == ({}, [])
    assert expected.user_items.keys() == {("ada", "thing")}
    assert expected.counts["events"].excluded == 1
    expected = expect(out, missed, back)
    assert expected.users["ada"].events == 1
    assert row(expected, "month")[0] == [1.0, 0.0, 0.0]
    # Written anew, the last interactions show the item as it is now.
    assert row(expected, "recent")[0] == [0.0, 1.0, 0.0]
    # The missed event was never accepted: sent again, it counts.
    assert expect(out, missed, back, Phase([], [AGAIN])).users["ada"].events == 2
