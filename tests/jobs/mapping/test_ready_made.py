"""The mappings of the package, each with rows of the form that its source describes."""

from pathlib import Path
from typing import Any

import pytest

from jobs.config import load_config
from jobs.core.parsing.events import Rejection
from jobs.core.parsing.parse_events import check_event
from jobs.core.parsing.parse_items import check_item
from jobs.core.parsing.rules import Rules
from jobs.datasets.file_format import file_format
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.ready_made import find_mapping, ready_names, ready_source, ready_summary

RULES = Rules.of(load_config(None, []).limits, frozenset(load_config(None, []).actions))
NOW_MS = 4_000_000_000_000
Rows = list[dict[str, Any]]


def items(name: str, rows: Rows) -> Rows:
    mapping = find_mapping(Path(name)).items
    assert mapping is not None
    records = ItemMapper(mapping)(rows)
    for record in records:
        assert not isinstance(check_item(record, RULES), Rejection), record
    return records


def events(name: str, rows: Rows, table: int = 0) -> Rows:
    mapper = EventMapper(find_mapping(Path(name)).events[table])
    assert mapper.advice(rows) == ""
    records = mapper(rows)
    for record in records:
        assert not isinstance(check_event(record, RULES, NOW_MS), Rejection), record
    return records


def pairs(records: Rows) -> list[tuple[Any, Any]]:
    return [(record["action"], record.get("item_id")) for record in records]


@pytest.mark.parametrize("name", ready_names())
def test_every_mapping_compiles_names_its_source_and_says_what_it_reads(name: str) -> None:
    mapping = find_mapping(Path(name))
    assert mapping.name == name
    assert ready_summary(name)
    assert "\n# Source: " in ready_source(name)
    for part in (*mapping.events, *(() if mapping.items is None else (mapping.items,))):
        file_format(part.file_keys, "")


@pytest.mark.parametrize("name", ready_names())
def test_every_action_is_one_of_the_default_configuration(name: str) -> None:
    for part in find_mapping(Path(name)).events:
        named = {*part.actions.values(), part.default_action} - {None, "_ignore"}
        assert named <= RULES.actions


def test_an_unknown_name_is_refused_with_the_names() -> None:
    with pytest.raises(MappingError, match=r"'ga5' is neither a file nor .* ga4"):
        find_mapping(Path("ga5"))


def test_movielens() -> None:
    (movie,) = items(
        "movielens", [{"movieId": "1", "title": "Toy Story (1995)", "genres": "Animation|Comedy"}]
    )
    assert movie["categories"] == ["Animation", "Comedy"]
    assert movie["published_at"] == "1995-01-01T00:00:00Z"
    (plain,) = items(
        "movielens", [{"movieId": "2", "title": "Untitled", "genres": "(no genres listed)"}]
    )
    assert "categories" not in plain
    (rating,) = events(
        "movielens", [{"userId": "7", "movieId": "1", "rating": "3.5", "timestamp": "964982703"}]
    )
    assert (rating["value"], rating["event_time"]) == (3.5, 964_982_703_000)
    (tag,) = events(
        "movielens",
        [{"userId": "7", "movieId": "1", "tag": "pixar", "timestamp": "964982703"}],
        table=1,
    )
    assert (tag["action"], tag["text"]) == ("comment", "pixar")


@pytest.mark.parametrize("name", ["movielens-1m", "movielens-10m"])
def test_movielens_with_two_colons(name: str) -> None:
    mapping = find_mapping(Path(name))
    assert mapping.events[0].file_keys["delimiter"] == "::"
    columns = mapping.events[0].file_keys["columns"]
    row = dict(zip(columns, ["1", "1193", "5", "978300760"], strict=True))
    (rating,) = events(name, [row])
    assert (rating["user_id"], rating["item_id"], rating["value"]) == ("1", "1193", 5.0)


def test_amazon_reviews_2023() -> None:
    (hose,) = items(
        "amazon-reviews-2023",
        [{
            "main_category": "Patio", "title": "Garden hose", "features": [], "price": "from 14.99",
            "description": ["Twenty metres.", "Does not kink."], "store": "Acme",
            "categories": ["Garden", "Hoses"], "parent_asin": "AZ1",
        }],
    )  # fmt: skip
    assert hose["text"] == "Twenty metres. Does not kink."
    assert hose["attributes"] == {"store": "Acme", "main_category": "Patio"}
    (review,) = events(
        "amazon-reviews-2023",
        [{
            "rating": 4.0, "title": "Good", "text": "Works.", "asin": "AZ1-red",
            "parent_asin": "AZ1", "user_id": "AG1", "timestamp": 1588687728923,
        }],
    )  # fmt: skip
    assert (review["item_id"], review["value"], review["text"]) == ("AZ1", 4.0, "Good Works.")


def test_mind_gives_the_clicks() -> None:
    row = {
        "ImpressionID": "91", "UserID": "U8", "Time": "11/11/2019 9:05:58 PM",
        "History": "N71 N72", "Impressions": "N1-0 N2-1 N3-1",
    }  # fmt: skip
    first, second = events("mind", [row])
    assert (first["item_id"], second["item_id"]) == ("N2", "N3")
    assert first["event_id"] != second["event_id"]
    # 2019-11-11 21:05:58 UTC: 18,211 days since 1970.
    assert first["event_time"] == (18_211 * 86_400 + 21 * 3600 + 5 * 60 + 58) * 1000
    (news,) = items(
        "mind", [{"NewsID": "N1", "Category": "sports", "SubCategory": "golf", "Title": '"Hello'}]
    )
    assert news["categories"] == ["sports", "golf"]


def test_retailrocket_and_taobao_know_their_actions() -> None:
    rows = [
        {"timestamp": "1433221999827", "visitorid": "1", "event": event, "itemid": "5"}
        for event in ("view", "addtocart", "transaction")
    ]
    assert [action for action, _ in pairs(events("retailrocket", rows))] == [
        "view",
        "cart",
        "purchase",
    ]
    columns = find_mapping(Path("taobao")).events[0].file_keys["columns"]
    row = dict(zip(columns, ["1", "2268318", "2520377", "pv", "1511544070"], strict=True))
    types = ("pv", "fav", "cart", "buy")
    found = events("taobao", [row | {"BehaviorType": name} for name in types])
    assert [action for action, _ in pairs(found)] == ["view", "like", "cart", "purchase"]


def test_yelp() -> None:
    (bakery,) = items(
        "yelp",
        [{
            "business_id": "y1", "name": "Corner Bakery", "categories": "Bakeries, Coffee & Tea",
            "city": "Ghent", "is_open": 0,
        }],
    )  # fmt: skip
    assert bakery["categories"] == ["Bakeries", "Coffee & Tea"]
    assert bakery["available"] is False
    (review,) = events(
        "yelp",
        [{
            "review_id": "r1", "user_id": "u", "business_id": "y1", "stars": 5.0, "text": "Yes",
            "date": "2018-07-07 22:09:11",
        }],
    )  # fmt: skip
    assert (review["event_id"], review["action"], review["value"]) == ("r1", "review", 5.0)


def test_steam() -> None:
    (game,) = items(
        "steam",
        [{"id": "10", "app_name": "Lost", "genres": ["Indie"], "release_date": "Soon.."}],
    )
    assert (game["title"], game["text"]) == ("Lost", "Indie")
    (review,) = events(
        "steam",
        [{"username": "Chaos", "product_id": "10", "date": "2017-12-17", "text": "A delight"}],
    )
    assert review["event_time"] == 17_517 * 86_400_000


def test_ga4() -> None:
    base = {"event_timestamp": "1708523456123456", "user_pseudo_id": "g.1", "user_id": None}
    session = {"key": "ga_session_id", "value": {"int_value": "55"}}
    term = {"key": "search_term", "value": {"string_value": "mug"}}
    rows: Rows = [
        {**base, "event_name": "session_start"},
        {**base, "event_name": "view_item", "items": [{"item_id": "ga1", "item_name": "Mug"}],
         "event_params": [session]},
        {**base, "event_name": "purchase", "items": [{"item_id": "a"}, {"item_id": "b"}]},
        {**base, "event_name": "view_search_results", "items": [], "event_params": [term]},
    ]  # fmt: skip
    found = events("ga4", rows)
    assert pairs(found) == [
        ("view", "ga1"),
        ("purchase", "a"),
        ("purchase", "b"),
        ("search", None),
    ]
    assert found[0]["session_id"] == "55"
    assert found[0]["event_time"] == 1_708_523_456_123
    assert found[3]["text"] == "mug"
    assert items("ga4", rows[:2]) == [{"item_id": "ga1", "title": "Mug"}]


@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_segment_and_rudderstack(name: str) -> None:
    base = {
        "type": "track", "anonymousId": "anon", "userId": None,
        "originalTimestamp": "2015-12-12T19:11:01.249Z",
    }  # fmt: skip
    rows: Rows = [
        {**base, "messageId": "m1", "event": "Product Viewed",
         "properties": {"product_id": "p1", "name": "Mug", "category": "Home", "price": 3.5}},
        {**base, "messageId": "m2", "event": "Order Completed", "userId": "ada",
         "properties": {"products": [{"product_id": "p1", "name": "Mug"},
                                     {"product_id": "p2", "name": "Hat"}]}},
        {**base, "messageId": "m3", "event": "Products Searched", "properties": {"query": "mug"}},
        {**base, "messageId": "m4", "type": "identify"},
    ]  # fmt: skip
    found = events(name, rows)
    assert pairs(found) == [
        ("view", "p1"),
        ("purchase", "p1"),
        ("purchase", "p2"),
        ("search", None),
    ]
    assert [event["user_id"] for event in found] == ["anon", "ada", "ada", "anon"]
    assert len({event["event_id"] for event in found}) == 4
    assert items(name, rows[:1]) == [
        {"item_id": "p1", "title": "Mug", "categories": ["Home"], "attributes": {"price": 3.5}}
    ]


def test_snowplow() -> None:
    prefix = "com_snowplowanalytics_snowplow_ecommerce"
    action = f"unstruct_event_{prefix}_snowplow_ecommerce_action_1"
    row: dict[str, Any] = {
        "event_id": "e1", "domain_userid": "d1", "derived_tstamp": "2024-05-01T10:00:00.123Z",
        "event_name": "snowplow_ecommerce_action",
        action: {"type": "transaction"},
        f"contexts_{prefix}_product_1": [{"id": "450", "name": "Bar"}, {"id": "7", "name": "Coin"}],
    }  # fmt: skip
    found = events("snowplow", [row, {**row, "event_id": "e2"}])
    assert pairs(found) == [("purchase", "450"), ("purchase", "7")] * 2
    assert len({event["event_id"] for event in found}) == 4
    assert events("snowplow", [{**row, action: None}]) == []
    assert [item["title"] for item in items("snowplow", [row])] == ["Bar", "Coin"]


def test_shopify_joins_products_and_orders_by_sku() -> None:
    product = {
        "Handle": "sf-mug", "Title": "Stone mug", "Type": "Mugs", "Tags": "stone, blue",
        "Body (HTML)": "<p>Holds <b>300&nbsp;ml</b>.</p><style>p{color:red}</style>",
        "Variant SKU": "m-1", "Variant Price": "12.50", "Status": "active", "Vendor": "Acme",
    }  # fmt: skip
    blank = dict.fromkeys(product, "")
    rows = [
        product,
        {**blank, "Handle": "sf-mug", "Variant SKU": "m-2", "Variant Price": "13"},
        {**blank, "Handle": "sf-mug"},
    ]
    red, blue = items("shopify", rows)
    assert red["text"] == blue["text"] == "Holds 300 ml."
    assert (red["item_id"], blue["item_id"]) == ("m-1", "m-2")
    assert red["group_id"] == blue["group_id"] == "sf-mug"
    assert blue["attributes"] == {"vendor": "Acme", "price": 13}
    order = {
        "Name": "#1001", "Email": "ada@example.com", "Financial Status": "paid",
        "Created at": "2025-10-07 09:50:26 +0200", "Lineitem sku": "m-1", "Lineitem name": "Mug",
    }  # fmt: skip
    more = {**dict.fromkeys(order, ""), "Name": "#1001"}
    lines = [order, {**more, "Lineitem sku": "m-2"}, {**more, "Lineitem sku": "m-2"}]
    voided = {**order, "Name": "#1002", "Financial Status": "voided"}
    found = events("shopify", [*lines, voided])
    assert pairs(found) == [("purchase", "m-1"), ("purchase", "m-2"), ("purchase", "m-2")]
    assert len({event["event_id"] for event in found}) == 3
    assert {event["user_id"] for event in found} == {"ada@example.com"}


def test_woocommerce_makes_a_variation_a_member_of_its_parents_group() -> None:
    cells = {"Short description": "<b>Warm</b>", "Description": "", "Categories": "Clothes, Hats"}
    parent = {"ID": "100", "SKU": "hat", "Name": "Hat", "Parent": "", "In stock?": "1", **cells}
    variation = {**parent, "ID": "101", "SKU": "hat-red", "Name": "Hat - red", "Parent": "hat"}
    first, second = items("woocommerce", [parent, variation])
    assert first["group_id"] == second["group_id"] == "hat"
    assert first["text"] == "Warm"
    assert first["categories"] == ["Clothes", "Hats"]
    order = {
        "id": 7, "status": "completed", "customer_id": 0, "billing": {"email": "ada@example.com"},
        "date_created_gmt": "2017-03-22T19:28:02",
        "line_items": [
            {"product_id": 100, "variation_id": 101}, {"product_id": 5, "variation_id": 0},
        ],
    }  # fmt: skip
    found = events("woocommerce", [order, {**order, "id": 8, "status": "cancelled"}])
    assert pairs(found) == [("purchase", 101), ("purchase", 5)]
    assert {event["user_id"] for event in found} == {"ada@example.com"}


def test_ubi() -> None:
    event = {
        "action_name": "add_to_cart", "client_id": "c1", "timestamp": "2018-11-13T20:20:39Z",
        "event_attributes": {"object": {"object_id": "XYZ-1"}, "position": {"ordinal": 3}},
    }  # fmt: skip
    assert pairs(events("ubi", [event, {**event, "action_name": "product_hover"}])) == [
        ("cart", "XYZ-1")
    ]
    shown = {**event, "action_name": "impression", "query_id": "q1"}
    (impression,) = events("ubi", [shown])
    assert impression["action"] == "impression"
    assert impression["context"] == {"recommendation_id": "q1", "position": 3}
    team = {"object": {"object_id": "XYZ-1", "search_config": "teamA"}, "position": {"ordinal": 1}}
    (click,) = events("ubi", [{**shown, "action_name": "click", "event_attributes": team}])
    assert click["context"] == {"recommendation_id": "q1", "position": 1, "variant": "teamA"}
    query = {"client_id": "c1", "query_id": "q1", "user_query": "mug"}
    query["timestamp"] = "2018-11-13T20:20:39"
    (search,) = events("ubi", [query], table=1)
    assert (search["action"], search["text"], search["user_id"]) == ("search", "mug", "c1")
