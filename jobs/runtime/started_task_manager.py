"""How a TaskManager was started, for further ones of the same cluster.

Flink's script starts Java three times to read the configuration and to divide the memory, before it
becomes the TaskManager. A TaskManager that takes the place of one that died need not wait for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class StartedTaskManager:
    """The command that Flink's script became, and its environment."""

    name: str
    """The resource id, which is also FLINK_IDENT_STRING."""
    command: Sequence[str]
    environment: Mapping[str, str]

    def command_of(self, name: str) -> list[str]:
        """Return the command for a TaskManager of another name, which has log files of its own.

        >>> first = StartedTaskManager(
        ...     "worker-0",
        ...     ["java", "-Dlog.file=/worker-0/flink-worker-0-taskexecutor-0-host.log",
        ...      "-Dtaskmanager.resource-id=worker-0"],
        ...     {},
        ... )
        >>> first.command_of("worker-2")[1:]  # doctest: +NORMALIZE_WHITESPACE
        ['-Dlog.file=/worker-0/flink-worker-2-taskexecutor-0-host.log',
         '-Dtaskmanager.resource-id=worker-2']
        """
        changes = {
            f"flink-{self.name}-taskexecutor": f"flink-{name}-taskexecutor",
            f"resource-id={self.name}": f"resource-id={name}",
        }
        command = list(self.command)
        for old, new in changes.items():
            command = [argument.replace(old, new) for argument in command]
        return command


def started_task_manager(pid: int, name: str) -> StartedTaskManager | None:
    """Return how the TaskManager `name` of process `pid` runs; None where it has ended already."""
    import psutil  # noqa: PLC0415 - where no cluster was started, the extra `job` may be missing

    try:
        process = psutil.Process(pid)
        return StartedTaskManager(name, process.cmdline(), process.environ())
    except psutil.Error:
        return None
