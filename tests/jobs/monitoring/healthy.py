"""Three hours of a healthy job as promtool writes series: every name that the rules use, a sample a
minute.

`a+bxn` is a, then n times b more; `axn` is a, then n times the same. The clock of promtool begins
at 0, so timestamps are minutes of the test.
"""

STEP = "flink_taskmanager_job_task_operator_interestream"
JOB = 'job_name="interestream_space_1"'
USERS = f'{JOB},operator_name="user_writer",subtask_index="0"'
SERVE = 'job="interestream-serve",instance="serve:8090"'
EVENTS = f'space="1",stream="events",{SERVE}'


def bucket(le: str) -> str:
    """The series of a bucket of freshness."""
    return f'{STEP}_le_freshness_ms_bucket{{{USERS},le="{le}"}}'


CHECK_COMMIT = f'interestream_check_state{{check="commit",{SERVE}}}'
CHECK_MAINTENANCE = f'interestream_check_state{{check="maintenance",{SERVE}}}'
SPACE = f'interestream_space_info{{space="1",bundle="mini@1",dim="8",state="active",{SERVE}}}'
RESTARTS = f"flink_jobmanager_job_numRestarts{{{JOB}}}"
COMPLETED = f"flink_jobmanager_job_numberOfCompletedCheckpoints{{{JOB}}}"
FAILED = f"flink_jobmanager_job_numberOfFailedCheckpoints{{{JOB}}}"
POSTGRES_WAITING = f"{STEP}_postgres_waiting_s{{{USERS}}}"
POSTGRES_RETRIES = f"{STEP}_postgres_retries{{{USERS}}}"
QUEUE_AGE = f'{STEP}_queue_age_ms{{{JOB},operator_name="item_step"}}'
FLINK_UP = 'up{job="interestream-flink",instance="taskmanager:9249"}'
SERVE_UP = f"up{{{SERVE}}}"
LAG = f'interestream_lag_seconds{{source="files",{SERVE}}}'
DEAD = f"interestream_dead_letters{{{EVENTS}}}"
RECORDS = f"interestream_records_in{{{EVENTS}}}"
WAITING = f"interestream_waiting{{{EVENTS}}}"
TREND_LAG = f'interestream_trend_lag_seconds{{space="1",horizon="day",{SERVE}}}'
UP = f"interestream_up{{{SERVE}}}"
READING_FAILED = f'interestream_reading_failed{{reading="users",{SERVE}}}'
CONNECTIONS = f'interestream_connections{{application="other",{SERVE}}}'
CONNECTIONS_MAX = f"interestream_connections_max{{{SERVE}}}"
MAINTAIN = f"interestream_maintain_timestamp_seconds{{{SERVE}}}"
DISK_FREE = f'interestream_disk_free_bytes{{folder="streams",{SERVE}}}'
DISK = f'interestream_disk_bytes{{folder="streams",{SERVE}}}'

HEALTHY = {
    CHECK_COMMIT: "0x200",
    CHECK_MAINTENANCE: "0x200",
    SPACE: "1x200",
    RESTARTS: "2x200",
    COMPLETED: "5+6x200",
    FAILED: "1x200",
    bucket("100"): "0+500x200",
    bucket("500"): "0+998x200",
    bucket("5000"): "0+1000x200",
    bucket("10000"): "0+1000x200",
    bucket("Inf"): "0+1000x200",
    POSTGRES_WAITING: "0x200",
    POSTGRES_RETRIES: "3x200",
    QUEUE_AGE: "2000x200",
    FLINK_UP: "1x200",
    SERVE_UP: "1x200",
    LAG: "1 0 2 0 0 1 0 2 0x192",
    DEAD: "10+1x200",
    RECORDS: "1000+1000x200",
    WAITING: "20 30 10 5 5x196",
    TREND_LAG: "30x200",
    UP: "1x200",
    READING_FAILED: "0x200",
    CONNECTIONS: "12x200",
    CONNECTIONS_MAX: "100x200",
    MAINTAIN: "60x200",
    DISK_FREE: "60000000000-1000000x200",
    DISK: "100000000000x200",
}
