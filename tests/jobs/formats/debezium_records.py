"""Records as Debezium writes them."""

import orjson

from jobs.formats import (
    FormatSettings,
    Record,
)

SETTINGS = FormatSettings(envelope="debezium")
SOURCE = {"connector": "postgresql", "db": "shop", "table": "products"}


def change(op, before=None, after=None, **more):
    return {"before": before, "after": after, "source": SOURCE, "op": op, "ts_ms": 1, **more}


def record(value, key=None, headers=None):
    encoded = None if value is None else orjson.dumps(value)
    return Record(encoded, None if key is None else orjson.dumps(key), headers)
