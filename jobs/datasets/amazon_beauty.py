"""Amazon 2014 Beauty (5-core), in two compressed tables; times are whole days, titles are HTML."""

from jobs.mapping.tables import EventMapping, ItemMapping, TableMapping

AMAZON_BEAUTY = TableMapping(
    name="amazon2014-beauty",
    items=ItemMapping(file="items.csv.gz", item_id="item", title="title", unescape_html=True),
    events=(
        EventMapping(
            file="events.csv.gz",
            user_id="user",
            item_id="item",
            time="timestamp",
            time_unit="s",
            default_action="purchase",
        ),
    ),
)
