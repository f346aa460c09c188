"""An Airflow DAG that exports the encoder every night: copy it to the folder of DAGs.

The command runs in a virtual environment of its own (torch and Airflow pin different things).
Two Airflow variables say where: `interestream_export_python`, the interpreter, and
`interestream_export_env`, a file of settings like export.env.
"""

import subprocess
from datetime import datetime, timedelta

from airflow.sdk import Variable, dag, task
from airflow.sdk.exceptions import AirflowFailException

FINAL = (2, 3, 4)
"""Exit codes that another try does not change: wrong option, gate fell short, tool missing."""

COMMAND = 'set -a; . "$1"; set +a; exec "$2" -m model_export --if-changed --json'


@dag(
    schedule="17 3 * * *",
    start_date=datetime(2025, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["interestream"],
)
def interestream_export() -> None:
    """Export the text encoder when its model, recipe or tools have changed."""

    @task(retries=2, retry_delay=timedelta(minutes=30), execution_timeout=timedelta(hours=6))
    def export() -> str:
        settings = Variable.get("interestream_export_env")
        python = Variable.get("interestream_export_python")
        done = subprocess.run(
            ["/bin/sh", "-c", COMMAND, "sh", settings, python],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode in FINAL:
            raise AirflowFailException(f"exit code {done.returncode}: see the log above")
        done.check_returncode()
        return done.stdout

    export()


interestream_export()
