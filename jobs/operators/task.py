"""Which job and which subtask a step runs in."""

from dataclasses import dataclass

from pyflink.datastream.functions import RuntimeContext


@dataclass(frozen=True)
class Task:
    """The job's id, as Flink names the folder of its checkpoints, and the subtask.

    It is number `subtask` of `slots`; `attempt` counts earlier starts since the job was submitted.
    """

    job_id: str
    subtask: int
    slots: int
    attempt: int


def read_task(context: RuntimeContext) -> Task:
    """Ask Java's runtime context, since PyFlink's has no job id and asks Flink 2 the wrong thing.

    Call it in `open`, in the task's own thread.
    """
    java_context = context._runtime_context
    task = java_context.getTaskInfo()
    return Task(
        job_id=str(java_context.getJobInfo().getJobId().toString()),
        subtask=int(task.getIndexOfThisSubtask()),
        slots=int(task.getNumberOfParallelSubtasks()),
        attempt=int(task.getAttemptNumber()),
    )
