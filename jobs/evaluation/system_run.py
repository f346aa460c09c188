"""Runs the whole system over a data set, and asks it at every question."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.datasets.dataset import Dataset
from jobs.evaluation.answers_file import AnswersFile
from jobs.evaluation.asking import Asker
from jobs.evaluation.feeding import SteppedFeed
from jobs.evaluation.interactions import Interactions
from jobs.evaluation.questions import start_of_test
from jobs.evaluation.sequence_run import sequence_overrides, train_sequence
from jobs.evaluation.settings import COMPARED, FROZEN, RECOMMEND, RUN_SETTINGS, Settings
from jobs.evaluation.steps import steps
from jobs.evaluation.vectors import vectors_of_space
from jobs.local.stack import Stack, fresh_postgres, stack
from jobs.replay.replay import Replay
from jobs.spaces.build import documents


@dataclass(frozen=True)
class Places:
    """Folders and files of a run: the encoder's bundle, a working folder (emptied), the file that
    keeps vectors for the next run."""

    bundle: Path
    work: Path
    store: Path


def run_system(
    dataset: Dataset,
    interactions: Interactions,
    questions: NDArray[np.int64],
    settings: Settings,
    answers: AnswersFile,
    places: Places,
    *,
    on_step: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> NDArray[np.float32]:
    """Feed the data set into a fresh system, and put the answer to each question into `answers`.

    `questions` are indices of interactions, rising. Before a question all events before it are
    fed and committed, and none of the later ones. Answers that are there already are not asked
    again; the events before them are fed. Returns the vectors of the catalogue `(items, dim)`.
    Raises InterestreamError when a part of the system fails; the answers so far are kept.
    """
    with contextlib.ExitStack() as resources:
        server = resources.enter_context(fresh_postgres(places.work / "postgres"))
        running = resources.enter_context(
            stack(
                server.dsn,
                places.bundle,
                documents(dataset.items()),
                places.work / "job",
                overrides=[
                    *RUN_SETTINGS,
                    *(sequence_overrides(places.work) if settings.sequence else ()),
                    *settings.overrides,
                ],
                on_step=on_step,
                store=places.store,
            )
        )

        def connection() -> psycopg.Connection:
            return resources.enter_context(psycopg.connect(server.dsn, autocommit=True))

        db = connection()
        asker = Asker(connection())
        compared = Asker(connection(), settings.compare_sql) if settings.compare_sql else None
        _feed_items(db, running, dataset, on_progress)
        vectors = vectors_of_space(db, running.space_id, interactions.item_ids)
        last_line = int(interactions.line[questions[-1]])
        feed = SteppedFeed(
            db,
            running.space_id,
            running.feed,
            dataset.events(),
            check=running.job.check,
            on_progress=lambda done: on_progress("events", done, last_line),
        )

        def users(way: str) -> dict[int, str]:
            """The user of each question that has no answer yet."""
            return {
                question: interactions.user_ids[interactions.user[question]]
                for question in questions.tolist()
                if (question, way) not in answers.answers
            }

        fresh, changed = users(RECOMMEND), users(COMPARED) if compared else {}
        if waiting := users(FROZEN) if settings.frozen else {}:
            start = start_of_test(interactions, settings.share)
        else:
            start = min([*fresh, *changed], default=0)
        fed = _feed_history(db, running.space_id, feed, interactions, start, settings.warm_up)
        if settings.sequence:
            on_step("Training a sequence model")
            train_sequence(server.dsn, places.work, settings.seed)
        if waiting:
            test = start_of_test(interactions, settings.share)
            fed = _feed_in_steps(feed, interactions, fed, test)
            time.sleep(settings.settle_s)
            lists = {user: asker.ask(user) for user in dict.fromkeys(waiting.values())}
            for question, user in waiting.items():
                answers.add(question, FROZEN, lists[user])
        for number, question in enumerate(questions.tolist(), start=1):
            if question in fresh or question in changed:
                fed = _feed_in_steps(feed, interactions, fed, question)
                time.sleep(settings.settle_s)
                if question in fresh:
                    answers.add(question, RECOMMEND, asker.ask(fresh[question]))
                if compared is not None and question in changed:
                    answers.add(question, COMPARED, compared.ask(changed[question]))
            on_progress("questions", number, len(questions))
    return vectors


def _feed_history(
    db: psycopg.Connection,
    space_id: int,
    feed: SteppedFeed,
    interactions: Interactions,
    start: int,
    warm_up: int,
) -> int:
    """Feed the events before the interaction `start` but the last `warm_up`, whose index it gives.

    Fed at full speed, the job's tables are days of event time behind what is asked about, and the
    job would learn that what is popular says little: weights are frozen meanwhile.
    """
    freeze = "SELECT interestream.freeze_weights(%s, %s)"
    db.execute(freeze, (True, space_id))
    begin = max(start - warm_up, 0)
    feed.feed_to(int(interactions.line[begin]))
    db.execute(freeze, (False, space_id))
    return begin


def _feed_in_steps(feed: SteppedFeed, interactions: Interactions, fed: int, to: int) -> int:
    """Feed the events from the interaction `fed` up to the interaction `to`, which is returned."""
    for end in steps(interactions.user[fed:to].tolist()):
        feed.feed_to(int(interactions.line[fed + end]), trends=fed + end == to)
    return max(fed, to)


def _feed_items(
    db: psycopg.Connection,
    running: Stack,
    dataset: Dataset,
    on_progress: Callable[[str, int, int | None], None],
) -> None:
    """Feed the catalogue alone, and build the vector index."""
    items = Dataset(
        dataset.name, items=dataset.items, events=lambda: iter(()), item_rows=dataset.item_rows
    )
    Replay(
        db,
        running.space_id,
        running.feed,
        check=running.job.check,
        trouble=running.job.last_warning,
        on_progress=lambda stage, done, total: (
            on_progress(stage, done, total) if stage != "events" else None
        ),
    ).run(items)
