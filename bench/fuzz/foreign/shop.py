"""A shop's own shape of events and items, its mapping, and good records in it."""

from typing import Any

from bench.fuzz.foreign.made import Record
from bench.fuzz.good import ITEM_IDS, NOON_MS, PLAIN_ITEMS, Maker

NAMES = {
    "looked": "view",
    "opened": "click",
    "bought": "purchase",
    "liked": "like",
    "disliked": "dislike",
    "commented": "comment",
}
MAPPING = """
name = "shop"

[items]
item_id = "product.sku"
title = "product.name"
text = ["product.body", "product.more"]
html = true
categories = "product.shelves[].name"
language = "product.lang"
published_at = "product.released"
available = { column = "withdrawn", not = true }
group_id = "product.family"

[items.attributes]
price = { path = "product.price", number = true, decimal = "," }
brand = "product.brand"

[events]
event_id = "message.id"
user_id = { first = ["customer.id", "visitor"] }
item_id = "lines[].sku"
text = "said"
value = { path = "stars", decimal = ",", factor = 2.0 }
action = "what"
time = "at"
time_unit = "us"

[events.actions]
""" + "".join(f'{name} = "{action}"\n' for name, action in {**NAMES, "scrolled": "_ignore"}.items())
SHELVES = ("Kitchen", "Garden", "Night sky")


def event(maker: Maker, **changes: Any) -> tuple[Record, Record]:
    """An event in the shop's shape, and in the contract's."""
    name = maker.rng.choice([name for name in NAMES if name != "commented"])
    message, user = f"m-{maker.number()}", maker.user()
    item = maker.rng.choice(ITEM_IDS[:PLAIN_ITEMS])
    at_us = (NOON_MS + maker.rng.randrange(86_400_000)) * 1000 + maker.rng.randrange(1000)
    shop = {
        "message": {"id": message, "version": 3},
        "customer": {"id": user, "name": "Ada"},
        "what": name,
        "at": at_us,
        "lines": [{"sku": item, "count": 1}],
        "device": {"kind": "phone", "sizes": [390, 844]},
    }
    contract = {
        "event_id": message,
        "user_id": user,
        "action": NAMES[name],
        "event_time": at_us // 1000,
        "item_id": item,
    }
    return {**shop, **changes}, contract


def item(maker: Maker, **changes: Any) -> tuple[Record, Record]:
    """An item in the shop's shape, and in the contract's."""
    sku, title = f"fuzz-{maker.number()}", maker.words(3)
    shelf = maker.rng.choice(SHELVES)
    shop = {
        "product": {"sku": sku, "name": title, "shelves": [{"name": shelf, "row": 4}]},
        "withdrawn": False,
        "stock": [1, 2],
    }
    contract = {"item_id": sku, "title": title, "categories": [shelf], "available": True}
    return {**shop, **changes}, contract


def good(maker: Maker, stream: str) -> tuple[Record, Record]:
    """A good record in the shop's shape, and in the contract's."""
    return (event if stream == "events" else item)(maker)
