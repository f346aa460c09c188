"""The core imports neither Flink nor Postgres nor the encoder."""

import pkgutil
import subprocess
import sys

import jobs.core

MODULES = sorted(module.name for module in pkgutil.walk_packages(jobs.core.__path__, "jobs.core."))


def test_the_core_imports_nothing_of_the_shell():
    assert {"jobs.core.parsing.parse_events", "jobs.core.interest.fold"} <= set(MODULES)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {', '.join(MODULES)}; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"pyflink", "py4j", "pemja", "psycopg", "pgvector", "onnxruntime"})
    assert {"numpy", "jobs"} <= loaded
    shell = ("jobs.operators", "jobs.sinks", "jobs.pipeline", "udfs", "model_export")
    assert not [name for name in done.stdout.split() if name.startswith(shell)]
