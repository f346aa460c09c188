#!/usr/bin/env bash
# fastavro 1.13.1 beside avro 1.12.1, Python 3.11.
#
# A field of a record may be one of several types, as ["null", "double", "long"] for a number of which
# both kinds occur. Python's int fits a long exactly, so it is written as one, one would think, and in
# whatever order the types stand: that is no matter of a value.
#
# Seen: fastavro writes an int as the first number of the list, avro as the last, be it a double or a
# float. The last digits of an id are lost on the way, without a word: 9007199254740993 comes back as
# 9007199254740992.0, and 16777217 from a float as 16777216.0. No order is right for both packages. A
# float, 0.1, is a double to both. A producer must name the type of a whole number itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    fastavro==1.13.1 avro==1.12.1
"$folder/venv/bin/python" - > "$folder/out" <<'PYTHON'
import io
import json

import avro.io
import avro.schema
import fastavro


def with_fastavro(types, value):
    target = io.BytesIO()
    fastavro.schemaless_writer(target, types, value)
    return target.getvalue()


def with_avro(types, value):
    target = io.BytesIO()
    writer = avro.io.DatumWriter(avro.schema.parse(json.dumps(types)))
    writer.write(value, avro.io.BinaryEncoder(target))
    return target.getvalue()


for *types, value in (
    ("null", "double", "long", 2**53 + 1),
    ("null", "float", "long", 2**24 + 1),
    ("null", "long", "double", 2**53 + 1),
    ("null", "float", "double", 0.1),
):
    for write in (with_fastavro, with_avro):
        written = write(types, value)
        read = fastavro.schemaless_reader(io.BytesIO(written), types)
        print(types[written[0] // 2], "of", *types[1:], write.__name__, value, read)
PYTHON
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
double of double long with_fastavro 9007199254740993 9007199254740992.0
long of double long with_avro 9007199254740993 9007199254740993
float of float long with_fastavro 16777217 16777216.0
long of float long with_avro 16777217 16777217
long of long double with_fastavro 9007199254740993 9007199254740993
double of long double with_avro 9007199254740993 9007199254740992.0
double of float double with_fastavro 0.1 0.1
double of float double with_avro 0.1 0.1
SEEN
