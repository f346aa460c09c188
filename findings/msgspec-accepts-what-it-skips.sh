#!/usr/bin/env bash
# msgspec 0.20.0 beside orjson 3.13.0, Python 3.11.
#
# A typed decoder of msgspec reads the fields that its type names and skips the others. Whether a
# record is JSON at all is the same for every type, one would think, as it still has to find the end
# of what it skips: a trailing comma or a number with a leading zero is refused there, too.
#
# Seen: of texts and names that are skipped it does not look at the encoding, and of numbers not at
# the size. A record with a byte that is no UTF-8 in a field that nobody reads is accepted, and the
# same bytes are refused by msgspec without a type, and by orjson. So a step that picks out one field
# and sends the record on passes what the next step, which reads more of it, cannot read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    msgspec==0.20.0 orjson==3.13.0
"$folder/venv/bin/python" - > "$folder/out" <<'PYTHON'
import msgspec
import orjson


class Event(msgspec.Struct):
    user: str


READERS = {
    "typed": msgspec.json.Decoder(Event).decode,
    "whole": msgspec.json.decode,
    "orjson": orjson.loads,
}
RECORDS = {
    "a byte of Latin-1 in a text": b'{"user": "ada", "city": "Z\xfcrich"}',
    "the same in a name": b'{"user": "ada", "Stra\xdfe": 1}',
    "a number beyond a double": b'{"user": "ada", "price": 1e999}',
    "a leading zero": b'{"user": "ada", "price": 01}',
    "a comma at the end": b'{"user": "ada", "tags": [1,]}',
}
for name, record in RECORDS.items():
    found = []
    for reader, read in READERS.items():
        try:
            read(record)
            found.append(f"{reader} accepts")
        except (ValueError, msgspec.MsgspecError):
            found.append(f"{reader} refuses")
    print(f"{name}:", ", ".join(found))
PYTHON
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
a byte of Latin-1 in a text: typed accepts, whole refuses, orjson refuses
the same in a name: typed accepts, whole refuses, orjson refuses
a number beyond a double: typed accepts, whole refuses, orjson refuses
a leading zero: typed refuses, whole refuses, orjson refuses
a comma at the end: typed refuses, whole refuses, orjson refuses
SEEN
