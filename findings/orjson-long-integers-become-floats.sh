#!/usr/bin/env bash
# orjson 3.13.0 beside msgspec 0.20.0 and the json of Python 3.11.
#
# JSON sets no limit to the digits of a number, and Python's integers have none. Readers of JSON in
# Python are exchanged for each other, and order numbers or ids of 20 digits are found in exports.
#
# Seen: orjson reads a whole number beyond 64 bits as a float, without a word, so that two ids that
# differ in their last digits become one; msgspec and json keep every digit. From 310 digits on
# orjson raises an error, and the others go on. A reader that takes whole numbers as ids must refuse
# floats, and two readers side by side must agree before they see such a number.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    orjson==3.13.0 msgspec==0.20.0
"$folder/venv/bin/python" - > "$folder/out" <<'PYTHON'
import json

import msgspec
import orjson

READERS = {"orjson": orjson.loads, "msgspec": msgspec.json.decode, "json": json.loads}
IDS = [b"18446744073709551616", b"18446744073709551617"]
for name, read in READERS.items():
    first, second = map(read, IDS)
    print(name, type(first).__name__, "the same" if first == second else "two ids")
for name, read in READERS.items():
    try:
        print(name, "309 zeros:", type(read(b"1" + b"0" * 309)).__name__)
    except ValueError as error:
        print(name, "309 zeros:", type(error).__name__)
PYTHON
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
orjson float the same
msgspec int two ids
json int two ids
orjson 309 zeros: JSONDecodeError
msgspec 309 zeros: int
json 309 zeros: int
SEEN
