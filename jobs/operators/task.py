"""Which job and which subtask a step runs in."""

from dataclasses import dataclass

from pyflink.datastream.functions import RuntimeContext


@dataclass(frozen=True)
class Task:
    """The job's id, as Flink names the folder of its checkpoints, and the number of the subtask."""

    job_id: str
    subtask: int


def slots_of(context: RuntimeContext) -> int:
    """The number of subtasks of the step, asked as `read_task` asks."""
    return int(context._runtime_context.getTaskInfo().getNumberOfParallelSubtasks())


def read_task(context: RuntimeContext) -> Task:
    """Ask Java's runtime context, since PyFlink's has no job id and asks Flink 2 the wrong thing.

    Call it in `open`, in the task's own thread.
    """
    java_context = context._runtime_context
    return Task(
        job_id=str(java_context.getJobInfo().getJobId().toString()),
        subtask=int(java_context.getTaskInfo().getIndexOfThisSubtask()),
    )
