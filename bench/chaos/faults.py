"""What can go wrong with a running job: each kind injects its fault, and ends it again."""

import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import psutil
import psycopg

from bench.chaos.machine import JOB_MANAGER, Machine
from jobs.datasets.feed import DirectoryFeed, Feed
from jobs.local.postgres import Server
from jobs.local.postgres import start as start_postgres
from jobs.local.postgres import stop as stop_postgres
from tests.fixtures.kafka import Broker

PAUSE_S = 8.0
"""Longer than the heartbeat timeout."""
JOB_ROLE = "chaos_job"


@dataclass(frozen=True)
class World:
    """What faults act on."""

    machine: Machine
    server: Server
    feed: Feed
    dice: random.Random
    added_events: list[bytes]
    """Lines that faults have fed into the stream of events."""
    added_items: list[bytes]
    broker: Broker | None = None
    """None where the job reads files."""


Fault = Callable[[World], None]
"""Injects a fault and returns when it is over."""


def kill_task_manager(world: World) -> None:
    """Kill -9 of a TaskManager's JVM alone, as the kernel does it for want of memory."""
    _killed(world.machine.process(world.dice.choice(world.machine.task_managers)))


def kill_two_task_managers(world: World) -> None:
    """Two TaskManagers within a second."""
    for name in world.machine.task_managers[:2]:
        _killed(world.machine.process(name))
        time.sleep(world.dice.random())


def pause_task_manager(world: World) -> None:
    """A TaskManager stands still for longer than the heartbeat timeout, and goes on."""
    with _stopped(world.machine.process(world.dice.choice(world.machine.task_managers))):
        time.sleep(PAUSE_S)


def pause_job_manager(world: World) -> None:
    """The JobManager stands still for longer than the heartbeat timeout, and goes on."""
    with _stopped(world.machine.process(JOB_MANAGER)):
        time.sleep(PAUSE_S)


def kill_job_manager(world: World) -> None:
    """Kill -9 of the JobManager."""
    _killed(world.machine.process(JOB_MANAGER))


def withhold_task_manager(world: World) -> None:
    """A TaskManager is killed and stays away for 20 s: its slot is missing."""
    name = world.dice.choice(world.machine.task_managers)
    release = world.machine.hold(name)
    _killed(world.machine.process(name))
    time.sleep(20.0)
    release()


def kill_encoder(world: World) -> None:
    """Kill -9 of a process in which the encoder runs."""
    for encoder in world.machine.encoders()[:1]:
        _killed(encoder)


def pause_encoder(world: World) -> None:
    """A process in which the encoder runs stands still, and goes on."""
    with contextlib.ExitStack() as stack:
        for encoder in world.machine.encoders()[:1]:
            stack.enter_context(_stopped(encoder))
        time.sleep(PAUSE_S)


def kill_postgres(world: World) -> None:
    """Kill -9 of the postmaster, which a supervisor starts again after some seconds."""
    pid = int((world.server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    postmaster = psutil.Process(pid)
    sessions = postmaster.children()
    _killed(postmaster)
    psutil.wait_procs(sessions, timeout=20)
    time.sleep(world.dice.uniform(0, 5))
    start_postgres(world.server.data_dir, port=world.server.port)


def stop_postgres_for_a_while(world: World) -> None:
    """Postgres is stopped, and started after ten seconds."""
    stop_postgres(world.server.data_dir)
    time.sleep(10.0)
    start_postgres(world.server.data_dir, port=world.server.port)


def pause_postgres(world: World) -> None:
    """The postmaster and all its sessions stand still, and go on."""
    pid = int((world.server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    postmaster = psutil.Process(pid)
    with contextlib.ExitStack() as stack:
        for process in [postmaster, *postmaster.children()]:
            stack.enter_context(_stopped(process))
        time.sleep(PAUSE_S)


def end_sessions(world: World) -> None:
    """All sessions of the job are ended by an administrator."""
    of_job = f"FROM pg_stat_activity WHERE usename = '{JOB_ROLE}'"
    _run(world, f"SELECT pg_terminate_backend(pid) {of_job}")


def read_only_postgres(world: World) -> None:
    """Postgres is read-only for a while, as in a failover."""
    with _altered(world, "default_transaction_read_only", "on"):
        time.sleep(PAUSE_S)


def refuse_the_job(world: World) -> None:
    """The job's role may not log in for a while, and its sessions are ended."""
    _run(world, f"ALTER ROLE {JOB_ROLE} NOLOGIN")
    end_sessions(world)
    time.sleep(PAUSE_S)
    _run(world, f"ALTER ROLE {JOB_ROLE} LOGIN")


def revoke_a_right(world: World) -> None:
    """The job's role may not write users for a while."""
    _run(world, "REVOKE INSERT ON interestream.users FROM interestream_writer")
    time.sleep(PAUSE_S)
    _run(world, "GRANT INSERT ON interestream.users TO interestream_writer")


def cut_statements_off(world: World) -> None:
    """A timeout cuts off every statement of a session for a while."""
    with _altered(world, "statement_timeout", "1ms"):
        time.sleep(PAUSE_S)


def feed_a_long_line(world: World) -> None:
    """One line of 8 MB among the events; as a record of a topic it has a megabyte."""
    line = b'{"event_id":"' + b"x" * 8_000_000 + b'"}'
    if not isinstance(world.feed, DirectoryFeed):
        world.feed.write_events([line])
        world.added_events.append(line)
        return
    # Not by the feed, which cuts long lines.
    aside = world.feed.root / "events" / f".long-{len(world.added_events)}"
    aside.write_bytes(line + b"\n")
    aside.rename(aside.with_name(aside.name.removeprefix(".") + ".jsonl"))
    world.added_events.append(line)


def storm_of_items(world: World) -> None:
    """A thousand new items at once."""
    first = len(world.added_items)
    lines = [
        b'{"item_id":"storm-%d","title":"Item %d of a storm","text":"Words for number %d."}'
        % (number, number, number)
        for number in range(first, first + 1_000)
    ]
    world.feed.write_items(lines)
    world.added_items.extend(lines)


def kill_broker(world: World) -> None:
    """Kill -9 of Kafka's broker, which a supervisor starts again after some seconds."""
    if world.broker is not None:
        world.broker.kill()
        time.sleep(world.dice.uniform(0, 5))
        world.broker.start()


def pause_broker(world: World) -> None:
    """Kafka's broker stands still, and goes on."""
    if world.broker is not None:
        with world.broker.stopped():
            time.sleep(PAUSE_S)


FAULTS: Mapping[str, Fault] = {
    function.__name__.replace("_", " "): function
    for function in (
        kill_task_manager,
        kill_two_task_managers,
        pause_task_manager,
        pause_job_manager,
        kill_job_manager,
        withhold_task_manager,
        kill_encoder,
        pause_encoder,
        kill_postgres,
        stop_postgres_for_a_while,
        pause_postgres,
        end_sessions,
        read_only_postgres,
        refuse_the_job,
        revoke_a_right,
        cut_statements_off,
        feed_a_long_line,
        storm_of_items,
        kill_broker,
        pause_broker,
    )
}
"""Every kind by its name for people."""
OF_TOPICS = frozenset({"kill broker", "pause broker"})
"""Those that only a job that reads topics meets."""


@contextlib.contextmanager
def _stopped(process: psutil.Process) -> Iterator[None]:
    """A process stands still (SIGSTOP) for the length of the block."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


def _killed(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


@contextlib.contextmanager
def _altered(world: World, setting: str, value: str) -> Iterator[None]:
    """A setting of the job's role for the length of the block; its sessions begin anew with it."""
    _run(world, f"ALTER ROLE {JOB_ROLE} SET {setting} = '{value}'")
    end_sessions(world)
    try:
        yield
    finally:
        _run(world, f"ALTER ROLE {JOB_ROLE} RESET {setting}")
        end_sessions(world)


def _run(world: World, statement: str) -> None:
    with psycopg.connect(world.server.dsn, autocommit=True) as db:
        db.execute(statement.encode())
