#!/usr/bin/env bash
# numba 0.68.1 with llvmlite 0.50.0 and numpy 2.1.3, Python 3.11.
#
# A kernel that has run once on columns of a matrix is compiled for them, one would think, however
# many rows the next batch has: warm up with a batch, and no later call waits for the compiler.
#
# Seen: a column of a matrix of several rows is an array of layout A (any strides), so the kernel is
# compiled for that. The column of a matrix of one row counts as contiguous: its layout is C, another
# type, and the first batch with a single row compiles the kernel a second time, in the middle of the
# stream. With columns made contiguous first there is one version for all batches.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    numba==0.68.1 llvmlite==0.50.0 numpy==2.1.3
"$folder/venv/bin/python" - <<'PYTHON'
import time

import numpy as np
from numba import njit


@njit
def total(column):
    found = 0.0
    for value in column:
        found += value
    return found


def versions(rows, prepare):
    started = time.perf_counter()
    total(prepare(np.ones((rows, 3))[:, 1]))
    print(f"{rows} rows: {time.perf_counter() - started:.4f} s, {len(total.signatures)} versions")
    return [str(one[0]) for one in total.signatures]


def as_it_is(column):
    return column


many = versions(100, as_it_is)
again = versions(50, as_it_is)
one = versions(1, as_it_is)
print(one)
assert again == many, again
assert len(many) == 1 and "A)" in many[0], many
assert len(one) == 2 and "C)" in one[1], one
total.recompile()
for rows in (100, 50, 1):
    same = versions(rows, np.ascontiguousarray)
assert len([each for each in same if "C)" in each]) == 1, same
print("a batch of one row was compiled for anew; contiguous columns were not")
PYTHON
