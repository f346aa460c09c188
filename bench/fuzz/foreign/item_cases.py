"""What may stand at each path of an item, and what follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.fuzz.foreign.event_cases import NO_ID, NO_VALUE
from bench.fuzz.foreign.made import ABSENT, Case, cases

NONE: Mapping[str, Any] = {}
"""The item is as it was: an optional field costs itself alone."""

ITEM_IDS: Sequence[Case] = (
    *cases(NO_ID, "product.sku", "wrong_type"),
    *cases(NO_VALUE, "product.sku", "missing_field"),
    *cases((ABSENT, None, [], {}, "mug", 7, True, [{"sku": "mug"}]), "product", "missing_field"),
    *cases(("x" * 257, "日" * 300), "product.sku", "too_long"),
)
TITLES: Sequence[Case] = (
    *cases((True, False, {}, {"de": "Becher"}, [{}], [True]), "product.name", "wrong_type"),
    *cases((*NO_VALUE, "<p> </p>", "<style>a{}</style>", [""]), "product.name", "missing_field"),
    *cases(("x" * 8_193, "日" * 9_000, "<a " * 4_000), "product.name", "too_long"),
    *[
        ({"product.name": found}, {"title": title})
        for found, title in (
            *((7, "7"), (1.5, "1.5"), (["a", "b"], "a b"), ("<b>a</b> &amp; b", "a & b")),
            *(("<![ x", "<![ x"), ("a <b", "a <b"), ("<![endif]>x", "x"), ("&#0;&#xD800;", "��")),
        )
    ],
    ({"product.name": None, "withdrawn": True}, {"title": None, "available": False}),
)
OPTIONAL: Sequence[Case] = (
    *cases(
        (
            *("soon", {}, {"d": 1}, [2024], 1.5, True, "2024-02-30", "0000", "1" * 40, 10**30),
            *(999_999_999_999_999, -99_999_999_999_999, "0001-01-01T00:00:00+23:59"),
            *("9999-12-31T23:59:59-23:59", " " * 3_000 + "x", ABSENT, None, "", []),
        ),
        "product.released",
        NONE,
    ),
    ({"product.released": "2024-05-01"}, {"published_at": "2024-05-01T00:00:00Z"}),
    ({"product.released": 1995}, {"published_at": "1995-01-01T00:00:00Z"}),
    *cases(({}, True, [{}]), "product.lang", NONE),
    ({"product.lang": 7}, {"language": "7"}),
    *cases(({}, True, 1.5, ["a"], [], "", "  "), "product.family", NONE),
    *cases(("x" * 257,), "product.family", "too_long"),
    ({"product.family": 12.0}, {"group_id": 12}),
    *cases(({}, [{"a": 1}], True), "product.body", NONE),
    *cases(("x " * 5_000, "日" * 8_193), "product.body", "too_long"),
    ({"product.body": "<p>a", "product.more": ["b", 7]}, {"text": "a b 7"}),
    *cases(({}, "free", "1e400", "12.50", " ", [5], [], "1_0"), "product.price", NONE),
    *cases(("1" + " " * 3_000 + "x",), "product.price", NONE),
    ({"product.price": "12,50 €"}, {"attributes": {"price": 12.5}}),
    ({"product.brand": {"a": [1]}}, {"attributes": {"brand": {"a": [1]}}}),
)
LISTS: Sequence[Case] = (
    *cases(
        (ABSENT, None, "Kitchen", 7, True, {}, {"name": "a"}, [], [1, "a", None], [{}], [[]]),
        "product.shelves",
        {"categories": None},
    ),
    *cases(
        ([{"name": {}}], [{"name": "a"}, {"name": True}], [{"name": [{"a": 1}]}]),
        "product.shelves",
        {"categories": None},
    ),
    *cases(([{"name": "x" * 257}],), "product.shelves", "too_long"),
    ({"product.shelves": [{"name": 7}, {"name": " a "}, 1]}, {"categories": ["7", "a"]}),
    *cases(("maybe", {}, {"a": 1}, "nan", [1]), "withdrawn", {"available": None}),
    *cases((ABSENT, None, "", []), "withdrawn", {"available": None}),
    *cases((True, "yes", "TRUE", 1, "1", 0.5), "withdrawn", {"available": False}),
)
ITEM_CASES: Mapping[str, Sequence[Case]] = {
    "item id": ITEM_IDS,
    "title": TITLES,
    "optional field": OPTIONAL,
    "list": LISTS,
}
"""By kind: what stands in a good item, and what must become of the item; None: no such field."""
