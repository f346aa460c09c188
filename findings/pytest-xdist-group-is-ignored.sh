#!/usr/bin/env bash
# pytest 9.2.0 with pytest-xdist 3.8.0, beside pytest 9.1.1 with the same.
#
# `--dist loadgroup` sends all tests with the same xdist_group mark to one worker, so that they run
# one after another; people rely on it for tests that share a port, a device or much memory.
#
# Seen: with pytest 9.1.1 the marked tests run in one worker, and their names end with "@group". With
# pytest 9.2.0 they run in both, at the same time, without a warning: xdist puts the group into the
# test's `_nodeid`, and pytest 9.2 makes the name from another attribute. pip resolves this pair.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
cat > "$folder/test_group.py" <<'PYTHON'
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(6))
def test_in_a_group(number):
    time.sleep(0.3)
PYTHON
cd "$folder"
for version in 9.1.1 9.2.0; do
    venv/bin/python -m pip install --quiet --disable-pip-version-check \
        "pytest==$version" pytest-xdist==3.8.0
    workers=$(venv/bin/python -m pytest -v -n 2 --dist loadgroup -p no:cacheprovider test_group.py |
        grep -o '^\[gw[01]\]' | sort -u | wc -l)
    echo "pytest $version: the group ran in $workers of 2 workers"
done | tee out
diff - out <<'SEEN'
pytest 9.1.1: the group ran in 1 of 2 workers
pytest 9.2.0: the group ran in 2 of 2 workers
SEEN
