"""Every metric of the job; the tables of docs/monitoring.md are made from it."""

from jobs.metrics.metric import FlinkMetric, Metric

DECODE = ("decode events", "decode items")
ITEMS, VECTORS, USERS = "item step", "vector writer", "user writer"
INTEREST, NEIGHBORS = "interest step", "neighbor step"
CLOCK, TRENDS = "trend clock", "trend writer"
ENCODER = "encoder"
"""The functions that encode texts: Flink names their operators after the SQL around them."""

REASONS = (
    "not_utf8",
    "not_json",
    "not_an_object",
    "null_character",
    "missing_field",
    "wrong_type",
    "too_long",
    "unknown_action",
    "bad_time",
    "time_out_of_bounds",
    "bad_value",
    "missing_target",
    "unreadable_key",
    "unreadable_text",
    "too_large",
    "unreadable_row",
    "bad_merge",
    "unknown_item",
)
"""Reasons of dead letters of the contract (docs/contract.md); formats of streams have more."""

_COUNTED = (ITEMS, VECTORS, USERS)
_WRITERS = (ITEMS, VECTORS, USERS, NEIGHBORS, TRENDS)

_RECORDS = (
    Metric(
        "records_in",
        _COUNTED,
        "counter",
        "records",
        "Records whose fate is committed: the sum of what follows, but that `applied` counts"
        " changed texts of items only.",
        "It stands still while the streams grow.",
    ),
    Metric(
        "applied",
        _COUNTED,
        "counter",
        "records",
        "Records that count: events in interests, texts of items that are new or changed, vectors"
        " that are written.",
        "It grows more slowly than usual while `records_in` does not.",
    ),
    Metric(
        "duplicates",
        _COUNTED,
        "counter",
        "records",
        "Records that came before, and of items older versions.",
        "Its share rises: a producer sends again what it has sent.",
    ),
    Metric(
        "dead_letters",
        _COUNTED,
        "counter",
        "records",
        "Records that were not accepted.",
        "Its share rises: look at the reasons.",
    ),
    Metric(
        "excluded",
        _COUNTED,
        "counter",
        "records",
        "Records of users who are forgotten or opted out, and of items that are deleted.",
        "Many: a producer does not know who must be left out.",
    ),
    Metric(
        "waiting",
        _COUNTED,
        "value",
        "events",
        "Events that wait for their item (0 but for the user writer).",
        "It grows: items do not come, or the encoder is behind.",
    ),
    Metric(
        "events",
        (USERS,),
        "counter",
        "events",
        "Events that count, by action; together they are `applied`.",
        "An action that is usual stops, or one appears that nobody expects.",
        label="action",
    ),
    Metric(
        "dead_letters",
        (ITEMS, USERS),
        "counter",
        "records",
        "Records that were not accepted, by reason, those of control commands among them.",
        "A reason that was not there: a producer has changed (`interestream dead-letters`).",
        label="reason",
    ),
    Metric(
        "unwritten",
        (USERS,),
        "value",
        "users",
        "Users with rows that are written later (`interest.slow_delay_s`), and transfers of merged"
        " users on their way.",
        "It grows without end: the writer is behind.",
    ),
)

_FRESHNESS = (
    Metric(
        "freshness_ms",
        (USERS,),
        "histogram",
        "ms",
        "Of each event that counts: from its `event_time` until the commit of its rows, by the"
        " clock of the TaskManager: all of it where the producer stamps an event as it writes it. A"
        " replay of old events falls into the last bucket, and a clock that is ahead gives 0.",
        "Quantiles above what you promise; if `delay_ms` is low, the time is lost in front of the"
        " job: producer, topic, files that wait.",
    ),
    Metric(
        "delay_ms",
        (USERS,),
        "histogram",
        "ms",
        "Of each event that counts: from the moment at which its batch reached the interest step,"
        " or was released from waiting, until the commit of its rows. Up to `batching.batch_ms`"
        " before it belong to making the batch.",
        "Quantiles far above `commit_ms`: batches queue for Postgres, or are too large.",
    ),
)

_BATCHES = (
    Metric(
        "batches",
        (INTEREST, *_WRITERS),
        "counter",
        "batches",
        "Batches that were folded (interest step) or committed (all others).",
        "It stands still while records come.",
    ),
    Metric(
        "lines",
        (INTEREST,),
        "counter",
        "lines",
        "Lines of events and commands that came in batches; by `batches` it is the length of one.",
        "The length rises: the job is behind, and each batch holds more.",
    ),
    Metric(
        "fold_time_ms",
        (INTEREST,),
        "counter",
        "ms",
        "Time of the step for batches, waiting events, and rows that were deferred.",
        "It grows by almost 1,000 per second: the step has no time left, more slots help.",
    ),
    Metric(
        "commit_time_ms",
        _WRITERS,
        "counter",
        "ms",
        "Time of transactions, from the first statement to the commit, waiting for Postgres"
        " included.",
        "It grows by almost 1,000 per second: Postgres is the limit.",
    ),
    Metric(
        "commit_ms",
        _WRITERS,
        "value",
        "ms",
        "Time of the last transaction.",
        "Above a second: Postgres is slow (locks, disk, autovacuum).",
    ),
    Metric(
        "rows_written",
        _WRITERS,
        "counter",
        "rows",
        "Rows that committed transactions held, by table; not each of them changed something.",
        "It rises without more events: rows are written that hardly move (`interest.slow_share`).",
        label="table",
    ),
    Metric(
        "postgres_waiting_s",
        _WRITERS,
        "value",
        "s",
        "How long a batch has been waiting for Postgres.",
        "Above 0: Postgres cannot be reached, or refuses.",
    ),
    Metric(
        "postgres_retries",
        _WRITERS,
        "value",
        "attempts",
        "Failed attempts to commit since the task began.",
        "It grows.",
    ),
)

_STATE = (
    Metric(
        "users_new",
        (INTEREST,),
        "counter",
        "users",
        "Users whose state began. How many there are is a question to Postgres: state that passes"
        " its TTL leaves without a word to Python.",
        "Far more than usual: robots, or ids that are made anew at each visit.",
    ),
    Metric(
        "users_written",
        (INTEREST,),
        "counter",
        "users",
        "Users whose state was written, once per batch.",
        "",
    ),
    Metric(
        "users_written_bytes",
        (INTEREST,),
        "counter",
        "bytes",
        "Bytes of these states; by `users_written` it is the size of one user. The size of all is"
        " Flink's `lastCheckpointFullSize`.",
        "The size of one rises: long histories of ids, texts or undo logs (docs/performance.md).",
    ),
    Metric(
        "user_cache_hits",
        (INTEREST,),
        "counter",
        "users",
        "Users whose state was in the step's memory.",
        "",
    ),
    Metric(
        "user_cache_misses",
        (INTEREST,),
        "counter",
        "users",
        "Users whose state was read from Flink's, new ones included.",
        "Its share rises: raise `batching.cache_mb`.",
    ),
)

_ENCODER = (
    Metric(
        "texts",
        (ENCODER,),
        "counter",
        "texts",
        "Texts that came to be encoded, by kind: `document` (items, comments) or `query`.",
        "It stands still while `queue_portions` is above 0: the encoder hangs.",
        label="kind",
    ),
    Metric(
        "texts_encoded",
        (ENCODER,),
        "counter",
        "texts",
        "Texts for which the model ran, or the file of `encoder.store` was asked: all others were"
        " in memory.",
        "It is near `texts` for queries, which repeat: raise `encoder.cache_size`.",
        label="kind",
    ),
    Metric(
        "cache_hits",
        (ENCODER,),
        "counter",
        "texts",
        "Texts whose vector was in memory, or that stood twice in a batch.",
        "",
        label="kind",
    ),
    Metric(
        "encode_time_ms",
        (ENCODER,),
        "counter",
        "ms",
        "Time of the model; `texts_encoded` by it is the speed.",
        "It grows by almost 1,000 per second: the encoder is the limit (docs/quantisation.md).",
        label="kind",
    ),
    Metric(
        "queue_portions",
        (ITEMS,),
        "value",
        "portions",
        "Portions of up to 16 texts of items that wait for the encoder.",
        "It grows: items come faster than they are encoded.",
    ),
    Metric(
        "queue_age_ms",
        (ITEMS,),
        "value",
        "ms",
        "How long there has been no moment without a text that waits for the encoder, by the"
        " bucket with the longest time; from the start of the task on.",
        "Minutes outside of a first load: new items come late into answers.",
    ),
)

_LEARNING = (
    Metric(
        "learning_questions",
        (USERS,),
        "counter",
        "questions",
        "Questions by which the weights of the sources are learned.",
        "None for an hour with `learning.enabled`: see `learning_errors`.",
    ),
    Metric(
        "learning_answers",
        (USERS,),
        "counter",
        "questions",
        "Questions whose item was among the candidates, so that a step was taken.",
        "Its share falls: candidates miss what users turn to.",
    ),
    Metric(
        "learning_time_ms",
        (USERS,),
        "counter",
        "ms",
        "Time of the questions, of the time of the writer.",
        "",
    ),
    Metric(
        "learning_errors",
        (USERS,),
        "counter",
        "errors",
        "Errors of Postgres after which learning paused for a minute.",
        "It grows: the log says why.",
    ),
)

_ITEMS_AND_TRENDS = (
    Metric(
        "pending_messages",
        (NEIGHBORS,),
        "value",
        "batches",
        "Batches of pairs that wait to be merged into the neighbours of items.",
        "It grows over `neighbors.update_s`: the step is behind.",
    ),
    Metric(
        "merge_time_ms",
        (NEIGHBORS,),
        "counter",
        "ms",
        "Time of merging, without the commit.",
        "It grows by almost 1,000 per second.",
    ),
    Metric(
        "clock_lag_ms",
        (CLOCK,),
        "value",
        "ms",
        "The clock minus the event time up to which trends have counted.",
        "It grows although events come: their times stand still, or lie far ahead or behind.",
    ),
    Metric(
        "trends_lag_ms",
        (TRENDS,),
        "value",
        "ms",
        "The clock minus the event time of the rows of trends at their last write.",
        "Far above `clock_lag_ms` and `trends.update_s`: windows do not close.",
    ),
)

_DECODE = tuple(
    Metric(name, DECODE, "counter", unit, meaning, wrong, needs="formats")
    for name, unit, meaning, wrong in (
        ("records_in", "records", "Records of another shape that came.", "It stands still."),
        ("lines", "lines", "Lines that were made of them, dead letters included.", ""),
        (
            "undecoded",
            "records",
            "Records that became dead letters.",
            "Its share rises: the producer's format or schema has changed.",
        ),
        (
            "ignored",
            "records",
            "Records and events that the mapping leaves out on purpose.",
            "Its share rises: the producer sends something new, or calls it otherwise.",
        ),
        (
            "fields",
            "fields",
            "Optional fields of items that could not be read and were left out.",
            "It rises: prices, times or attributes have another form.",
        ),
    )
)

CATALOGUE: tuple[Metric, ...] = (
    *_RECORDS,
    *_FRESHNESS,
    *_BATCHES,
    *_STATE,
    *_ENCODER,
    *_LEARNING,
    *_ITEMS_AND_TRENDS,
    *_DECODE,
)
"""The job's own metrics."""

_JOB = "flink_jobmanager_job_"
_TASK = "flink_taskmanager_job_task_"

FLINK_METRICS: tuple[FlinkMetric, ...] = (
    FlinkMetric(
        f"{_TASK}operator_pendingRecords",
        "records",
        "Records of a topic that the source has not read, from the first record on. Of files there"
        " is none: see `interestream_lag_seconds`.",
        "It grows.",
        needs="kafka",
    ),
    FlinkMetric(
        "flink_jobmanager_numRunningJobs",
        "jobs",
        "Jobs that run.",
        "0.",
    ),
    FlinkMetric(
        f"{_JOB}numRestarts",
        "restarts",
        "Restarts since the job was submitted.",
        "It grows: `interestream health` gives the cause.",
    ),
    FlinkMetric(
        f"{_JOB}numberOfCompletedCheckpoints",
        "checkpoints",
        "Checkpoints that were completed.",
        "None for several `checkpoints.interval_ms`.",
    ),
    FlinkMetric(
        f"{_JOB}numberOfFailedCheckpoints",
        "checkpoints",
        "Checkpoints that failed.",
        "It grows: after `checkpoints.max_failures` in a row the job restarts. One while the tasks"
        " start is normal.",
    ),
    FlinkMetric(
        f"{_JOB}lastCheckpointDuration",
        "ms",
        "Time of the last checkpoint.",
        "Near `checkpoints.timeout_ms`.",
    ),
    FlinkMetric(
        f"{_JOB}lastCheckpointFullSize",
        "bytes",
        "Size of the whole state in the last checkpoint.",
        "It grows faster than users and items do.",
    ),
    FlinkMetric(
        f"{_TASK}busyTimeMsPerSecond",
        "ms per s",
        "How busy a task is.",
        "Near 1,000 for long: the task is the limit.",
    ),
    FlinkMetric(
        f"{_TASK}backPressuredTimeMsPerSecond",
        "ms per s",
        "How long a task waits for the one behind it.",
        "Near 1,000 for long: the first task behind it that is busy is the limit.",
    ),
    FlinkMetric(
        "flink_taskmanager_Status_JVM_Memory_Heap_Used",
        "bytes",
        "Java's heap of a TaskManager. Python's memory is not in it: watch the process.",
        "Near `flink_taskmanager_Status_JVM_Memory_Heap_Max` after a collection.",
    ),
)
"""What Flink itself has, of which these matter here."""
