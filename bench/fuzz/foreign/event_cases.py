"""What may stand at each path of an event, and what follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.fuzz.foreign.made import ABSENT, Case, cases

NO_ID: tuple[Any, ...] = (True, False, 1.5, -0.5, {}, {"id": 7}, ["a"], [[1]], [{}], 1e300)
NO_VALUE: tuple[Any, ...] = (ABSENT, None, "", "   ", "\t\r\n", [])
NO_PARENT: tuple[Any, ...] = (ABSENT, None, [], "ada", 7, 0, True, 1.5, [{"id": "ada"}], {}, "")
ANY_ID = {"event_id": None}
NOON_US = 1_750_000_000_000_000

USERS: Sequence[Case] = (
    *cases(NO_ID, "customer.id", "wrong_type"),
    *cases(NO_VALUE, "customer.id", "missing_field"),
    *cases(NO_PARENT, "customer", "missing_field"),
    *cases(("x" * 257, "日" * 257, "x" * 5_000), "customer.id", "too_long"),
    *[({"customer": parent, "visitor": "eve"}, {"user_id": "eve"}) for parent in NO_PARENT],
    ({"customer": ABSENT, "visitor": {"id": 7}}, "wrong_type"),
    ({"customer.id": None, "visitor": 12.0}, {"user_id": 12}),
    ({"customer.id": " ada\t"}, {"user_id": "ada"}),
    ({"customer.id": 0}, {"user_id": 0}),
    ({"customer.id": 0.0}, {"user_id": 0}),
    ({"customer.id": -7}, {"user_id": -7}),
    ({"customer.id": 2**64 - 1}, {"user_id": 2**64 - 1}),
    ({"customer.id": 2**64}, {"user_id": str(2**64)}),
    ({"customer.id": -(2**63) - 1}, {"user_id": str(-(2**63) - 1)}),
    ({"customer.id": 10**60}, {"user_id": str(10**60)}),
    ({"customer.id": "x" * 256}, {"user_id": "x" * 256}),
)
EVENT_IDS: Sequence[Case] = (
    *cases(NO_ID, "message.id", "wrong_type"),
    *cases(NO_VALUE, "message.id", ANY_ID),
    *cases(NO_PARENT, "message", ANY_ID),
    *cases(("x" * 257,), "message.id", "too_long"),
    *[
        ({"message.id": found, "lines": [{"sku": "item-1"}, {"sku": "item-2"}]}, "wrong_type")
        for found in NO_ID
    ],
)
ACTIONS: Sequence[Case] = (
    *cases(("poked", "LOOKED", " looked", "'; --", "x" * 300), "what", "unknown_action"),
    *cases((ABSENT, None, "", []), "what", "missing_field"),
    *cases((3, True, 1.5, {}, {"a": 1}, ["looked"], [[]]), "what", "wrong_type"),
    ({"what": "skip"}, {"action": "skip"}),
)
TIMES: Sequence[Case] = (
    *cases((ABSENT, None, "", []), "at", "missing_field"),
    *cases((True, False, {}, {"t": 1}, ["2024"], [NOON_US], 1e300), "at", "wrong_type"),
    *cases(
        (
            *("soon", " ", "now()", "2024-05-01", "2024-05-01T10:00:00", "01.05.2024 10:00"),
            *("1,75e15", "1_750_000_000_000_000", "NaN", "-Infinity", "1e300", "0x1f"),
            *("1" * 400, "1e999999999999", "2024-13-01T10:00:00Z", " " * 3_000 + "x"),
            *(10**30, -(10**30)),
        ),
        "at",
        "bad_time",
    ),
    # Seconds, milliseconds and nanoseconds where microseconds are said.
    *cases(
        (0, -1, 1_750_000_000, 1_750_000_000_000, NOON_US * 1000, 2**63 - 1, -(2**63), "12"),
        "at",
        "time_out_of_bounds",
    ),
    *cases((str(NOON_US), float(NOON_US), f"{NOON_US}.9"), "at", {"event_time": NOON_US // 1000}),
    *[({"at": text}, {"event_time": text}) for text in ("2025-06-15T12:00:00.5+02:00",)],
)
VALUES: Sequence[Case] = (
    *cases(
        (
            *("3.5", "five", "4/5", "1_0", "NaN", "inf", "1e309", " ", "--3", "4 stars"),
            *({}, {"a": 1}, ["5"], [[]], 1e308, "1e308", -1e308),
            *("1" + " " * 3_000 + "x", "$" * 500),
        ),
        "stars",
        "bad_value",
    ),
    *cases((ABSENT, None, "", []), "stars", {}),
    *[
        ({"stars": found}, {"value": value})
        for found, value in (
            *(("3,5", 7.0), (4, 8.0), ("1.234,5", 2469.0), ("€ 2", 4.0), (0, 0.0), ("-1", -2.0)),
            *(("1 000,25", 2000.5), (0.25, 0.5), ("7", 14.0)),
        )
    ],
)
LINES: Sequence[Case] = (
    *cases(
        (
            *(ABSENT, None, [], "", "tea", 7, True, {}, {"sku": "tea"}, [1], ["tea"], [None]),
            *([True], [[]], [[{"sku": "tea"}]], [{}], [{"SKU": "tea"}], [{"sku": None}]),
            *([{"sku": ""}], [{"sku": "  "}], [{"sku": []}], [0] * 3_000),
            [{"product": {"sku": "tea"}}],
        ),
        "lines",
        "missing_target",
    ),
    *cases([[{"sku": found}] for found in NO_ID], "lines", "wrong_type"),
    *cases([[{"sku": found}, {"sku": found}] for found in NO_ID], "lines", "wrong_type"),
    *cases(([{"sku": "x" * 257}],), "lines", "too_long"),
    ({"lines": [{"sku": " item-3 "}]}, {"item_id": "item-3"}),
)
TEXTS: Sequence[Case] = (
    *cases((True, {}, {"t": 1}, [{"a": 1}], [True]), "said", "wrong_type"),
    *cases(("x" * 8_193, "日" * 8_193, ["x" * 5_000] * 2), "said", "too_long"),
    *[
        ({"said": found}, {"text": text})
        for found, text in (("good", "good"), (5, "5"), (["a", "", None, "b"], "a b"))
    ],
    *cases((ABSENT, None, "", []), "said", {}),
)
EVENT_CASES: Mapping[str, Sequence[Case]] = {
    "user": USERS,
    "event id": EVENT_IDS,
    "action": ACTIONS,
    "time": TIMES,
    "value": VALUES,
    "lines": LINES,
    "text": TEXTS,
}
"""By kind: what stands in a good event, and what must become of the event."""
