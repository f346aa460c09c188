"""Adds advice to error messages of Flink, Java and the operating system."""

from collections.abc import Sequence

_HINTS: Sequence[tuple[tuple[str, ...], str]] = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "the disk is full: free some space, and the job goes on from its last checkpoint",
    ),
    (
        ("does not exist or the user running Flink",),
        "if it is a file of a stream, it was taken away before the job had read it: put it back, or"
        " an empty file of that name in its place (touch), and the job goes on",
    ),
    (
        ("Failed to enumerate files",),
        "a folder of the streams is gone, or the job's user may not read it",
    ),
    (
        ("UnknownTopicOrPartitionException",),
        "a topic of the job is not at its brokers (sources.kafka names them): create it with the"
        " partitions that it had, and the job goes on",
    ),
    (
        ("NoOffsetForPartitionException", "OffsetOutOfRangeException"),
        "the offset at which the job goes on is not there (any more), and sources.kafka.reset is"
        " none: set it to earliest, which reads again or goes on behind what retention has deleted",
    ),
    (
        ("SaslAuthenticationException", "SslAuthenticationException"),
        "the brokers refuse the login of sources.kafka.properties",
    ),
    (
        ("TopicAuthorizationException", "GroupAuthorizationException"),
        "grant the job's user READ and DESCRIBE on its topics, and READ on its consumer group",
    ),
    (
        ("Could not find any factory for identifier 'kafka'",),
        "Flink's Kafka connector is missing: `interestream connectors` fetches it",
    ),
    (
        ("memorySource depleted",),
        "a line is too long for the memory of Flink's windows: lower limits.max_line_bytes, or"
        " raise taskmanager.memory.managed.size",
    ),
    (
        (
            "Asynchronous task checkpoint failed",
            "Failure to finalize checkpoint",
            "Could not finalize the pending checkpoint",
            "Could not initialize checkpoint",
        ),
        "see whether the disk of checkpoints.directory is full, and whether the job may write to it"
        " (`interestream doctor` looks); Flink's logs name the error",
    ),
    (
        ("Address already in use", "Could not start rest endpoint on any port"),
        "the port is taken: name another one (`--flink rest.port=NUMBER`), or end the process that"
        " uses it",
    ),
    (
        ("Java heap space", "GC overhead limit", "OutOfMemoryError", "Metaspace"),
        "Java has too little memory: give it more (in one process: JDK_JAVA_OPTIONS=-Xmx2g; on a"
        " cluster: taskmanager.memory.process.size)",
    ),
    (
        # Beam's connection to the worker, not Flink's own between TaskManagers.
        ("org.apache.beam.vendor.grpc",),
        "the encoder's process has ended: it was killed (memory? see the kernel's log) or has"
        " crashed (see the TaskManager's log); the job goes on from its last checkpoint by itself",
    ),
    (
        ("UnsupportedClassVersionError", "compiled by a more recent version of the Java"),
        "this Java is too old: point JAVA_HOME to version 11 or newer",
    ),
    (
        # Not the library's name alone, which a crash report of an installed library holds as well.
        ("libpython3.11.so: cannot open", "libpython3.11.so.1.0: cannot open", "no libpython"),
        "install Python's shared library where the job runs (Debian: `apt-get install"
        " libpython3.11`)",
    ),
    (
        ("loadedLibraryNames",),
        "this TaskManager has run another job, or was cut off from the JobManager for longer than"
        " heartbeat.timeout, and without flink-python in Flink's lib folder it cannot load Python a"
        " second time: restart it (docs/operations.md says how to have that folder)",
    ),
    (
        # The names that psycopg gives to statements.
        ('prepared statement "_pg3_',),
        "a pooler in transaction mode stands before Postgres: give the job a pool in session mode,"
        " or Postgres itself",
    ),
    (
        ("No module named 'pemja'", "ClassNotFoundException: pemja"),
        "the bin folder of the job's Python must stand first on the PATH of what starts Java",
    ),
)


def explained(cause: str) -> str:
    """Return `cause`, followed by advice if its message is a known one.

    >>> explained("java.net.BindException: Address already in use").partition(" - ")[2][:17]
    'the port is taken'
    >>> explained("Java crashed in C [libpython3.11.so.1.0+0x26f3e7]")
    'Java crashed in C [libpython3.11.so.1.0+0x26f3e7]'
    >>> explained("no bundle at /nowhere")
    'no bundle at /nowhere'
    """
    for parts, advice in _HINTS:
        if any(part in cause for part in parts):
            return f"{cause} - {advice}"
    return cause
