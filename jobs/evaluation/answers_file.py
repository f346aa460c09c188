"""Keeps the system's answers in a file, so that an interrupted evaluation goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from jobs.evaluation.errors import OtherSettingsError

ANSWERS = "answers.jsonl"
"""Name of the file in the folder of a report."""


@dataclass(frozen=True)
class Answer:
    """A ranked list of item ids, best first, with their chances (0 to 1), and its time in ms."""

    item_ids: tuple[str, ...]
    chances: tuple[float, ...]
    ms: float


class AnswersFile:
    """Answers by question and way of asking, each appended to a file of JSON lines when it comes.

    The first line holds the settings. A last line that was not written to its end is cut off.
    Raises OtherSettingsError when the file exists with other settings.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self._path = path
        self.answers: dict[tuple[int, str], Answer] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        # What stands behind the last line feed is a line that was cut.
        whole = lines[:-1]
        if not whole:
            path.write_bytes(orjson.dumps({"settings": settings}, option=orjson.OPT_APPEND_NEWLINE))
            return
        _check(path, orjson.loads(whole[0])["settings"], settings)
        for line in whole[1:]:
            found = orjson.loads(line)
            self.answers[found["question"], found["way"]] = Answer(
                tuple(found["items"]), tuple(found["chances"]), found["ms"]
            )
        with path.open("r+b") as file:
            file.truncate(sum(len(line) + 1 for line in whole))

    def add(self, question: int, way: str, answer: Answer) -> None:
        """Append the answer to a question, which is the index of an interaction."""
        record = {
            "question": question,
            "way": way,
            "items": answer.item_ids,
            "chances": answer.chances,
            "ms": answer.ms,
        }
        with self._path.open("ab") as file:
            file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        self.answers[question, way] = answer


def _check(path: Path, found: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    different = sorted(
        key for key in found.keys() | settings.keys() if found.get(key) != settings.get(key)
    )
    if different:
        raise OtherSettingsError(
            f"{path} holds answers of an evaluation with other {', '.join(different)}: name another"
            " folder (--out), or give --restart to delete them"
        )
