#!/usr/bin/env bash
# zstandard 0.25.0, Python 3.11.
#
# A file of zstd may have several frames, one after the other: cat, pzstd and whoever appends to a
# log make such files, and the command zstd reads all of them, as gzip does with its members. The
# ways of one package to read bytes give the same bytes, one would think.
#
# Seen: open(), stream_reader() and copy_stream() give all frames. decompress(), decompressobj() and
# read_to_iter() end at the end of the first one, without an error: what follows is lost. The part
# that decompressobj() did not read is in its unused_data, from which a reader must begin again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check zstandard==0.25.0
cd "$folder"
venv/bin/python - > out <<'PYTHON'
import gzip
import io

import zstandard

FRAMES = b"".join(map(zstandard.ZstdCompressor().compress, (b"first ", b"second")))
with open("two.zst", "wb") as file:
    file.write(FRAMES)


def copied(reader):
    target = io.BytesIO()
    reader.copy_stream(io.BytesIO(FRAMES), target)
    return target.getvalue()


def opened(reader):
    with zstandard.open("two.zst", "rb") as file:
        return file.read()


def unused(reader):
    frame = reader.decompressobj()
    frame.decompress(FRAMES)
    return bool(frame.unused_data)


WAYS = {
    "open": opened,
    "stream_reader": lambda reader: reader.stream_reader(io.BytesIO(FRAMES)).read(),
    "copy_stream": copied,
    "decompress": lambda reader: reader.decompress(FRAMES),
    "read_to_iter": lambda reader: b"".join(reader.read_to_iter(io.BytesIO(FRAMES))),
    "decompressobj": lambda reader: reader.decompressobj().decompress(FRAMES),
    "decompressobj has unused data": unused,
}
for name, way in WAYS.items():
    print(f"{name}:", way(zstandard.ZstdDecompressor()))
print("gzip.decompress:", gzip.decompress(gzip.compress(b"first ") + gzip.compress(b"second")))
PYTHON
cat out
diff - out <<'SEEN'
open: b'first second'
stream_reader: b'first second'
copy_stream: b'first second'
decompress: b'first '
read_to_iter: b'first '
decompressobj: b'first '
decompressobj has unused data: True
gzip.decompress: b'first second'
SEEN
