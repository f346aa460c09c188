"""Takes the answers of an earlier evaluation, of other code or settings of the job."""

from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.evaluation.answers_file import ANSWERS, Answer
from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.settings import RECOMMEND


def earlier_answers(
    folder: Path, fingerprint: str, questions: NDArray[np.int64]
) -> dict[int, Answer]:
    """What recommend() answered to `questions` in the evaluation whose report is in `folder`.

    `fingerprint` is that of the interactions. Raises EvaluationError where that evaluation was of
    other data, or has not answered all of the questions.
    """
    path = folder / ANSWERS
    if not path.exists():
        raise EvaluationError(f"{folder} holds no {ANSWERS} of an evaluation of the system")
    header, *lines = path.read_bytes().split(b"\n")[:-1] or [b"{}"]
    if orjson.loads(header).get("settings", {}).get("data") != fingerprint:
        raise EvaluationError(f"{folder} holds an evaluation of other data")
    found = {
        one["question"]: Answer(tuple(one["items"]), tuple(one["chances"]), one["ms"])
        for one in map(orjson.loads, lines)
        if one["way"] == RECOMMEND
    }
    wanted = questions.tolist()
    if missing := [question for question in wanted if question not in found]:
        raise EvaluationError(
            f"{folder} has no answer to {len(missing)} of the {len(wanted)} questions: it needs the"
            " same protocol, share and seed, and as many questions"
        )
    return {question: found[question] for question in wanted}
