"""Evaluates recommendations on a data set, from its first question to the report's files."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.config import load_config
from jobs.datasets.dataset import Dataset
from jobs.evaluation.answers_file import ANSWERS, Answer, AnswersFile
from jobs.evaluation.earlier import earlier_answers
from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.figures import figures
from jobs.evaluation.interactions import Interactions, read_interactions
from jobs.evaluation.measures import NO_ITEM
from jobs.evaluation.plots import plot_report
from jobs.evaluation.questions import sample_questions
from jobs.evaluation.ranked_lists import RankedLists, rank_all
from jobs.evaluation.report_page import report_page
from jobs.evaluation.settings import EARLIER, FROZEN, Settings
from jobs.evaluation.system_run import Places, run_system
from jobs.evaluation.vectors import vectors_of_encoder
from jobs.evaluation.versions import versions

LISTS = "lists.jsonl"


@dataclass(frozen=True)
class Listener:
    """Callbacks of a running evaluation: the name of each step; stage, done and total."""

    on_step: Callable[[str], None] = lambda _: None
    on_progress: Callable[[str, int, int | None], None] = lambda *_: None


def evaluate(
    dataset: Dataset,
    settings: Settings,
    places: Places,
    out: Path,
    listener: Listener = Listener(),
    *,
    baselines_only: bool = False,
    restart: bool = False,
    against: Path | None = None,
) -> dict[str, Any]:
    """Ask, measure, and write the report into the folder `out`; returns it.

    The files are report.md, report.json, lists.jsonl, plots, and answers.jsonl, from which an
    interrupted evaluation of the same settings goes on; `restart` deletes what is there. With
    `baselines_only` the system is not started. `against` is the folder of an earlier report, whose
    answers to the same questions are compared. Raises InterestreamError when the data holds
    nothing to ask, the options do not fit, or a part of the system fails.
    """
    settings.check(baselines_only=baselines_only)
    listener.on_step("Reading the data set")
    config = load_config(overrides=settings.overrides)
    if config.privacy.pseudonyms:
        raise EvaluationError(
            "leave privacy.pseudonyms off: under which names users are known changes no answer"
        )
    interactions = read_interactions(dataset, config)
    questions = sample_questions(
        interactions, settings.protocol, settings.questions, settings.share, settings.seed
    )
    earlier = earlier_answers(against, interactions.fingerprint, questions) if against else None
    made_by = versions(places.bundle)
    if restart:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    answers: dict[str, dict[int, Answer]] = {}
    vectors: NDArray[np.float32] | None = None
    if not baselines_only:
        file = AnswersFile(
            out / ANSWERS,
            {
                **settings.as_dict(),
                "data": interactions.fingerprint,
                "bundle": made_by["bundle"],
                "sql": made_by["sql"],
                "code": made_by["code"],
            },
        )
        asked = [(question, way) for way in settings.ways for question in questions.tolist()]
        if not file.answers.keys() >= set(asked):
            vectors = run_system(
                dataset,
                interactions,
                questions,
                settings,
                file,
                places,
                on_step=listener.on_step,
                on_progress=listener.on_progress,
            )
        for question, way in asked:
            answers.setdefault(way, {})[question] = file.answers[question, way]
    if earlier is not None:
        answers[EARLIER] = earlier
    if vectors is None:
        documents = interactions.documents
        vectors = vectors_of_encoder(
            places.bundle,
            places.store,
            documents,
            lambda done: listener.on_progress("vectors", done, len(documents)),
        )
    ranked = rank_all(
        interactions,
        questions,
        vectors,
        answers,
        lambda done: listener.on_progress("baselines", done, len(questions)),
    )
    report = {
        "data": dataset.name,
        "settings": {**settings.as_dict(), "baselines_only": baselines_only},
        "versions": made_by,
        "counts": _counts(interactions, questions),
        "notes": _notes(interactions, questions, settings),
        **figures(interactions, questions, ranked, answers),
    }
    report["plots"] = plot_report(report, out)
    _write_lists(out / LISTS, interactions, questions, ranked)
    (out / "report.json").write_bytes(
        orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    (out / "report.md").write_text(report_page(report))
    return report


def _counts(interactions: Interactions, questions: NDArray[np.int64]) -> dict[str, int]:
    return {
        "interactions": len(interactions),
        "users": len(interactions.user_ids),
        "items": len(interactions.item_ids),
        "questions": len(questions),
        "question_users": len(np.unique(interactions.user[questions])),
    }


def _notes(
    interactions: Interactions, questions: NDArray[np.int64], settings: Settings
) -> list[str]:
    """What a reader of the figures must know."""
    notes = []
    if len(questions) < settings.questions:
        notes.append(
            f"The data holds {len(questions)} questions, not the {settings.questions} asked for."
        )
    if (users := len(np.unique(interactions.user[questions]))) < 30:
        notes.append(f"The questions are of {users} users only: the intervals are too narrow.")
    if FROZEN in settings.ways:
        notes.append(
            "A frozen list is the one that the user would have got before the test part; what the"
            " user has turned to since then is still in it."
        )
    return notes


def _write_lists(
    path: Path,
    interactions: Interactions,
    questions: NDArray[np.int64],
    ranked: Mapping[str, RankedLists],
) -> None:
    """A line for each question and system, for other people's evaluators."""
    with path.open("wb") as file:
        for number, question in enumerate(questions.tolist()):
            about = {
                "question": question,
                "event_id": interactions.event_ids[question],
                "user_id": interactions.user_ids[interactions.user[question]],
                "answer": interactions.item_ids[interactions.item[question]],
                "time_ms": int(interactions.time_ms[question]),
                "before_user": int(interactions.before_user[question]),
                "before_item": int(interactions.before_item[question]),
            }
            for system, lists in ranked.items():
                items = [
                    interactions.item_ids[item]
                    for item in lists.items[number].tolist()
                    if item != NO_ITEM
                ]
                line = {**about, "system": system, "items": items}
                file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
