#!/usr/bin/env bash
# apache-flink 2.3.0 (PyFlink), Python 3.11.
#
# A state descriptor looks like plain data, and most of it is: StateTtlConfig.new_builder(...)
# .cleanup_full_snapshot() needs no Java. A good engineer expects the same of
# .cleanup_in_rocksdb_compact_filter(1000), whose second argument is optional.
#
# Seen: without the second argument PyFlink builds its default, Duration.of_days(30), through a Java
# gateway, and starts one where the process has none. In a thread-mode operator that is a second JVM
# inside every TaskManager (some 100 MB); with JAVA_HOME set and empty it is
# "FileNotFoundError: 'bin/java'", and the job restarts for ever. With any second argument no Java
# is asked. The conversion for thread mode then drops that argument: its Java call names the number
# of entries alone, so a period that was given has no effect there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    apache-flink==2.3.0 apache-beam==2.61.0 numpy==2.1.3 pyarrow==16.1.0 pandas==2.2.3 'setuptools<81'
cat > "$folder/look.py" <<'PYTHON'
import inspect
import sys

from pyflink.common import Time
from pyflink.datastream.state import StateTtlConfig
import pyflink.fn_execution

builder = StateTtlConfig.new_builder(Time.seconds(60)).cleanup_full_snapshot()
builder.cleanup_in_rocksdb_compact_filter(1000, Time.days(30)).build()
print("with both arguments: no Java was asked")
try:
    builder.cleanup_in_rocksdb_compact_filter(1000)
except FileNotFoundError as error:
    print(f"with one argument: FileNotFoundError: {error.filename}")
else:
    sys.exit("with one argument: no Java was asked (it was, in 2.3.0)")
source = (
    __import__("pathlib").Path(inspect.getfile(pyflink.fn_execution)).parent
    / "embedded" / "java_utils.py"
).read_text()
if "get_periodic_compaction_time" in source:
    sys.exit("thread mode passes the period on (it did not, in 2.3.0)")
print("thread mode passes on the number of entries alone")
PYTHON
env -i JAVA_HOME= PATH="$folder" "$folder/venv/bin/python" "$folder/look.py" | tee "$folder/out"
diff - "$folder/out" <<'SEEN'
with both arguments: no Java was asked
with one argument: FileNotFoundError: bin/java
thread mode passes on the number of entries alone
SEEN
