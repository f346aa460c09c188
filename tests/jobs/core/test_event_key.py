"""Keys and references: values are pinned, since savepoints and tables hold them."""

import xxhash

from jobs.core.event_key import KEY_OFFSET, event_keys, reference, text_reference


def test_a_key_is_the_hash_of_user_and_event_id_with_a_null_between():
    (key,) = event_keys(["ada"], ["e1"]).tolist()
    assert key == xxhash.xxh3_64_intdigest(b"ada\0e1", seed=0)


def test_the_boundary_between_user_and_event_id_counts():
    assert len(set(event_keys(["ab", "a"], ["c", "bc"]).tolist())) == 2


def test_no_events_have_no_keys():
    assert event_keys([], []).shape == (0,)


def test_the_offset_moves_every_key_into_a_bigint_and_keeps_the_order():
    keys = [0, 1, KEY_OFFSET, 2**64 - 1]
    moved = [key - KEY_OFFSET for key in keys]
    assert moved == sorted(moved)
    assert (moved[0], moved[-1]) == (-(2**63), 2**63 - 1)


def test_a_query_never_has_the_reference_of_the_item_whose_id_it_spells():
    assert text_reference("300") != reference("300")
    assert text_reference("300") == text_reference("300")


def test_a_comment_and_a_query_of_the_same_words_have_different_references():
    assert text_reference("red shoes", comment=True) != text_reference("red shoes")
    assert text_reference("300", comment=True) != reference("300")
