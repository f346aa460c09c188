"""Whose a line is, by which the decode step finds its bucket."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from jobs.decoding.line_users import user_of_line


@pytest.mark.parametrize(
    ("line", "user"),
    [
        (b'{"event_id":"e1","user_id":"ada","action":"view"}', "ada"),
        (b'{"event_id":7,"user_id":-7,"action":"view"}', "-7"),
        ('{"event_id":"e1","user_id":"böb","x":1}'.encode(), "böb"),
        (rb'{"event_id":"e\"1","user_id":"a\"b"}', 'a"b'),
        (b'{"event_id":"e1","user_id":7.5}', None),
        (b'{"event_id":"e1","user_id":""}', None),
        (b'{"event_id":"e1","user_id":true}', None),
        (b'{"user_id":"bob","event_id":"e1"}', "bob"),
        (b'{"event_id":"e1","user_id":"ada","user_id":"bob"}', "bob"),
        (b'{"event_id":"e1"}', None),
        (b'["user_id"]', None),
        (b'{"event_id":"e1","user_id":"a\xff"}', None),
        (undecoded_line(Undecoded(b"<xml/>", "not_json")), None),
        (undecoded_line(Undecoded(b"{}", "bad_time", "soon", "böb & co")), "böb & co"),
    ],
)
def test_the_user_is_the_one_that_the_contract_reads(line: bytes, user: str | None) -> None:
    assert user_of_line(line) == user


@given(
    st.fixed_dictionaries(
        {
            "event_id": st.text() | st.integers(0, 2**63 - 1),
            "user_id": st.text(min_size=1) | st.integers(-(2**63), 2**64 - 1),
        },
        optional={"action": st.text(), "text": st.text()},
    )
)
def test_every_mapped_event_has_its_user(event: dict[str, Any]) -> None:
    try:
        line = orjson.dumps(event)
    except TypeError:
        return
    assert user_of_line(line) == str(event["user_id"])
