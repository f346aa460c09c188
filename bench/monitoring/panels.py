"""The panels of the dashboard: what each shows, and the queries behind it."""

from dataclasses import dataclass
from typing import Literal

STEP = "flink_taskmanager_job_task_operator_interestream"
TASK = "flink_taskmanager_job_task"
JOB = "flink_jobmanager_job"
RATE = "$__rate_interval"
"""Grafana puts an interval here that holds at least four samples."""

Unit = Literal["short", "s", "ms", "bytes", "ops", "percentunit"]


@dataclass(frozen=True)
class Query:
    """A query in PromQL, and how its series are named; `{{label}}` is the value of a label."""

    expression: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """A graph, or one number (`stat`)."""

    title: str
    description: str
    unit: Unit
    queries: tuple[Query, ...]
    stat: bool = False
    red_from: float | None = None
    """From which value on a number is red."""
    red_below: float | None = None
    """Below which value a number is red."""
    stacked: bool = False
    may_be_empty: bool = False
    """Whether a healthy job may have no series: of topics, of files, of a first run."""


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def quantiles(name: str) -> tuple[Query, ...]:
    """The median and two high quantiles of a histogram of the job."""
    return tuple(
        Query(
            f"histogram_quantile({q}, sum by (le) (rate({STEP}_le_{name}_bucket[{RATE}])))",
            f"p{q * 100:.0f}",
        )
        for q in (0.5, 0.95, 0.99)
    )


def rate(name: str, by: str, where: str = "") -> str:
    """How fast a counter of the job's steps grows, by a label."""
    return f"sum by ({by}) (rate({STEP}_{name}{where}[{RATE}]))"


USERS = '{operator_name=~"user.writer"}'
"""Flink's reporter may make `_` of a space."""

GLANCE = Row(
    "At a glance",
    (
        Panel(
            "Health",
            "The worst check of `interestream health`: 0 ok, 1 a warning, 2 critical.",
            "short",
            (Query("max(interestream_check_state)", "state"),),
            stat=True,
            red_from=2,
        ),
        Panel(
            "Postgres answers",
            "1 where interestream serve gets a connection.",
            "short",
            (Query("min(interestream_up)", "up"),),
            stat=True,
            red_below=1,
        ),
        Panel(
            "Jobs that run",
            "Of all JobManagers that are scraped.",
            "short",
            (Query("sum(flink_jobmanager_numRunningJobs)", "jobs"),),
            stat=True,
            red_below=1,
        ),
        Panel(
            "Freshness, p99",
            "From an event's time to the commit of its rows.",
            "ms",
            (quantiles("freshness_ms")[2],),
            stat=True,
            red_from=5_000,
            may_be_empty=True,
        ),
        Panel(
            "Newest commit",
            "How long ago the job last committed events; an idle job commits nothing.",
            "s",
            (Query('time() - max(interestream_commit_timestamp_seconds{stream="events"})', "age"),),
            stat=True,
        ),
        Panel(
            "Events that wait",
            "For the vector of their item.",
            "short",
            (Query("sum(interestream_waiting)", "events"),),
            stat=True,
        ),
    ),
)

EVENTS = Row(
    "Events",
    (
        Panel(
            "Freshness",
            "From an event's time to the commit of its rows, what a user of recommend() feels.",
            "ms",
            quantiles("freshness_ms"),
        ),
        Panel(
            "Delay inside the job",
            "From the batch to the commit: if it is low and freshness is not, look before the job.",
            "ms",
            quantiles("delay_ms"),
        ),
        Panel(
            "What became of events",
            "Records a second by their fate.",
            "ops",
            tuple(
                Query(f"sum(rate({STEP}_{fate}{USERS}[{RATE}]))", fate.replace("_", " "))
                for fate in ("applied", "duplicates", "dead_letters", "excluded")
            ),
            stacked=True,
        ),
        Panel(
            "Events by action",
            "Events a second that count.",
            "ops",
            (Query(rate("action_events", "action"), "{{action}}"),),
            stacked=True,
        ),
        Panel(
            "Dead letters by reason",
            "Records a second that were not accepted.",
            "ops",
            (Query(rate("reason_dead_letters", "reason"), "{{reason}}"),),
            stacked=True,
            may_be_empty=True,
        ),
        Panel(
            "What waits before the job",
            "The oldest file or record that is not committed.",
            "s",
            (Query("max by (source) (interestream_lag_seconds)", "{{source}}"),),
            may_be_empty=True,
        ),
        Panel(
            "Unread records of topics",
            "Records behind the job's position.",
            "short",
            (Query("max by (source) (interestream_unread_records)", "{{source}}"),),
            may_be_empty=True,
        ),
        Panel(
            "Events that wait for their item",
            "By space, from the rows of Postgres.",
            "short",
            (
                Query(
                    "max by (space, stream) (interestream_waiting)", "{{stream}}, space {{space}}"
                ),
            ),
        ),
    ),
)

FLINK = Row(
    "Flink",
    (
        Panel(
            "Busy",
            "Share of a second for which each task works; near 1 the task is the limit.",
            "percentunit",
            (Query(f"max by (task_name) ({TASK}_busyTimeMsPerSecond) / 1000", "{{task_name}}"),),
        ),
        Panel(
            "Back pressure",
            "Share of a second for which each task waits for the one behind it.",
            "percentunit",
            (
                Query(
                    f"max by (task_name) ({TASK}_backPressuredTimeMsPerSecond) / 1000",
                    "{{task_name}}",
                ),
            ),
        ),
        Panel(
            "Restarts and failed checkpoints",
            "Since the job was submitted.",
            "short",
            (
                Query(f"max by (job_name) ({JOB}_numRestarts)", "restarts, {{job_name}}"),
                Query(
                    f"max by (job_name) ({JOB}_numberOfFailedCheckpoints)",
                    "failed checkpoints, {{job_name}}",
                ),
            ),
        ),
        Panel(
            "Duration of checkpoints",
            "Of the last one.",
            "ms",
            (Query(f"max by (job_name) ({JOB}_lastCheckpointDuration)", "{{job_name}}"),),
        ),
        Panel(
            "Size of the state",
            "In the last checkpoint.",
            "bytes",
            (Query(f"max by (job_name) ({JOB}_lastCheckpointFullSize)", "{{job_name}}"),),
        ),
        Panel(
            "Java's heap",
            "Of each TaskManager; Python's memory is not in it.",
            "bytes",
            (Query("max by (tm_id) (flink_taskmanager_Status_JVM_Memory_Heap_Used)", "{{tm_id}}"),),
        ),
        Panel(
            "Texts encoded",
            "Texts a second for which the model ran, and those that were in memory.",
            "ops",
            (
                Query(rate("kind_texts_encoded", "kind"), "{{kind}}, encoded"),
                Query(rate("kind_cache_hits", "kind"), "{{kind}}, in memory"),
            ),
        ),
        Panel(
            "Queue of the encoder",
            "For how long there has been a text of an item that waits.",
            "ms",
            (Query(f"max by (job_name) ({STEP}_queue_age_ms)", "{{job_name}}"),),
        ),
    ),
)

POSTGRES = Row(
    "Postgres",
    (
        Panel(
            "Duration of commits",
            "The mean of each step's transactions.",
            "ms",
            (
                Query(
                    f"sum by (operator_name) (rate({STEP}_commit_time_ms[{RATE}]))"
                    f" / sum by (operator_name) (rate({STEP}_batches[{RATE}]) > 0)",
                    "{{operator_name}}",
                ),
            ),
        ),
        Panel(
            "Rows written",
            "Rows a second, by table.",
            "ops",
            (Query(rate("table_rows_written", "table"), "{{table}}"),),
            stacked=True,
        ),
        Panel(
            "Batches that wait for Postgres",
            "0 while it takes them.",
            "s",
            (Query(f"max by (operator_name) ({STEP}_postgres_waiting_s)", "{{operator_name}}"),),
        ),
        Panel(
            "Connections",
            "To this database.",
            "short",
            (Query("max by (application) (interestream_connections)", "{{application}}"),),
            stacked=True,
        ),
        Panel(
            "Largest tables",
            "With their indexes.",
            "bytes",
            (
                Query(
                    "topk(6, max by (table) (interestream_table_bytes)"
                    " + max by (table) (interestream_table_index_bytes))",
                    "{{table}}",
                ),
            ),
        ),
        Panel(
            "Dead rows",
            "Share of the rows of the tables with the most of them; autovacuum removes them.",
            "percentunit",
            (
                Query(
                    "topk(4, max by (table) (interestream_table_dead_rows)"
                    " / (max by (table) (interestream_table_rows)"
                    " + max by (table) (interestream_table_dead_rows) > 1000))",
                    "{{table}}",
                ),
            ),
            may_be_empty=True,
        ),
        Panel(
            "Items and users",
            "Items with a vector and users with a row, by space.",
            "short",
            (
                Query("max by (space) (interestream_space_items)", "items, space {{space}}"),
                Query("max by (space) (interestream_space_users)", "users, space {{space}}"),
            ),
        ),
        Panel(
            "Free disk",
            "Share of the disks of streams and checkpoints.",
            "percentunit",
            (
                Query(
                    "min by (folder) (interestream_disk_free_bytes / interestream_disk_bytes)",
                    "{{folder}}",
                ),
            ),
            may_be_empty=True,
        ),
    ),
)

ANSWERS = Row(
    "What recommendations are made of",
    (
        Panel(
            "Weights of the sources",
            "What counts for users who liked five items and more, with what was learned.",
            "short",
            (Query('max by (source) (interestream_source_weight{segment="many"})', "{{source}}"),),
        ),
        Panel(
            "Answers among the candidates",
            "Share of the learner's questions, by how much is known of the user.",
            "percentunit",
            (Query("max by (segment) (interestream_learning_found_ratio)", "{{segment}}"),),
            may_be_empty=True,
        ),
        Panel(
            "Lag of trends",
            "Event time between the newest interaction and each horizon.",
            "s",
            (Query("max by (horizon) (interestream_trend_lag_seconds)", "{{horizon}}"),),
        ),
        Panel(
            "Since the last maintenance",
            "Age of the last run of `interestream maintain`.",
            "s",
            (Query("time() - max(interestream_maintain_timestamp_seconds)", "age"),),
            may_be_empty=True,
        ),
    ),
)

ROWS = (GLANCE, EVENTS, FLINK, POSTGRES, ANSWERS)
