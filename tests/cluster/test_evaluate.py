"""An evaluation of the whole system on a data set in which the right answers are planted."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from jobs.datasets.detect import open_dataset
from jobs.evaluation.evaluate import Listener, evaluate
from jobs.evaluation.settings import COMPARED, FROZEN, RECOMMEND, Settings
from jobs.evaluation.system_run import Places
from tests.builders import MINUTE_MS, NOON_MS

ITEMS, USERS, PAIRS_OF_USER = 80, 50, 4
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "joule")
SETTINGS = Settings(
    questions=30,
    frozen=True,
    compare_sql="UPDATE interestream.items SET available = false WHERE item_id LIKE 'odd-%'",
    # The job writes trends and neighbours behind the commit, and learns from a random sample: two
    # runs would not see the same.
    overrides=("trends.enabled=false", "neighbors.enabled=false", "learning.enabled=false"),
)
INTERRUPTED_AT = 8


def item_id(number: int) -> str:
    return f"{'odd' if number % 2 else 'even'}-{number}"


def write_data(folder: Path) -> list[tuple[str, str]]:
    """Users turn to an even item and then to the odd one behind it; returns (user, item) pairs."""
    rng = np.random.default_rng(5)
    with (folder / "items.jsonl").open("wb") as file:
        for number in range(ITEMS):
            title = " ".join(WORDS[n] for n in rng.permutation(len(WORDS))[:4])
            file.write(orjson.dumps({"item_id": item_id(number), "title": f"{title} {number}"}))
            file.write(b"\n")
    visits = [user for user in range(USERS) for _ in range(PAIRS_OF_USER)]
    shown: dict[int, list[int]] = {
        user: (rng.permutation(ITEMS // 2)[:PAIRS_OF_USER] * 2).tolist() for user in range(USERS)
    }
    pairs = []
    with (folder / "events.jsonl").open("wb") as file:
        for user in [visits[n] for n in rng.permutation(len(visits))]:
            first = shown[user].pop()
            for number in (first, first + 1):
                pairs.append((f"u{user}", item_id(number)))
                event = {
                    "event_id": f"e{len(pairs)}",
                    "user_id": f"u{user}",
                    "action": "like",
                    "item_id": item_id(number),
                    "event_time": NOON_MS + len(pairs) * MINUTE_MS,
                }
                file.write(orjson.dumps(event) + b"\n")
    return pairs


def lists(out: Path, system: str) -> list[dict[str, Any]]:
    found = map(orjson.loads, (out / "lists.jsonl").read_bytes().splitlines())
    return [one for one in found if one["system"] == system]


def answered_questions(out: Path) -> Counter[tuple[int, str]]:
    """How often each question was answered in each way."""
    lines = (out / "answers.jsonl").read_bytes().splitlines()[1:]
    return Counter((one["question"], one["way"]) for one in map(orjson.loads, lines))


@pytest.fixture
def places(bundle_dir: Path, tmp_path: Path) -> Places:
    return Places(bundle_dir, tmp_path / "work", tmp_path / "vectors.sqlite")


@pytest.mark.cluster
def test_planted_answers_are_found_and_what_is_answered_is_not_asked_again(
    places: Places, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    pairs = write_data(data)
    dataset = open_dataset(data)
    report = evaluate(dataset, SETTINGS, places, out)

    # Every question was answered once in each way.
    answered = answered_questions(out)
    assert set(answered.values()) == {1}
    assert Counter(way for _, way in answered) == {RECOMMEND: 30, FROZEN: 30, COMPARED: 30}

    # What was planted is found by rules, and by nothing that counts or reads titles.
    asked = lists(out, "co-occurrence")
    assert all(pairs[one["question"]] == (one["user_id"], one["answer"]) for one in asked)
    second = [one for one in asked if one["answer"].startswith("odd")]
    assert 8 < len(second) < 22
    assert sum(one["answer"] in one["items"][:10] for one in second) >= 0.9 * len(second)
    assert report["systems"]["popular, all time"]["HR@10"]["mean"] < 0.6

    # The system's lists are of what it had been fed: full, without anything met before.
    for one in lists(out, RECOMMEND):
        met = {item for user, item in pairs[: one["question"]] if user == one["user_id"]}
        assert len(one["items"]) == 20
        assert not met & set(one["items"])
    frozen = {one["user_id"]: one["items"] for one in lists(out, FROZEN)}
    assert all(one["items"] == frozen[one["user_id"]] for one in lists(out, FROZEN))
    assert all(item.startswith("even") for one in lists(out, COMPARED) for item in one["items"])

    # Segments are counted as a look at the file counts them.
    before = Counter(
        min(sum(user == one["user_id"] for user, _ in pairs[: one["question"]]), 3) for one in asked
    )
    segments = report["segments"]
    assert segments["user: 3-9 before"]["questions"] == before[3]
    assert segments.get("user: none before", {"questions": 0})["questions"] == before[0]
    assert segments.get("user: 1-2 before", {"questions": 0})["questions"] == before[1] + before[2]
    page = (out / "report.md").read_text()
    assert "| recommend() minus recommend(), frozen |" in page
    assert "| recommend(), compared minus recommend() |" in page

    # What is answered is not asked again; vectors come from the encoder then, and are the same.
    steps: list[str] = []
    written = (out / "lists.jsonl").read_bytes()
    evaluate(dataset, SETTINGS, places, out, Listener(on_step=steps.append))
    assert steps == ["Reading the data set"]
    assert (out / "lists.jsonl").read_bytes() == written


@pytest.mark.cluster
@pytest.mark.long
def test_an_interrupted_evaluation_goes_on_and_says_what_a_whole_one_says(
    places: Places, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    write_data(data)
    dataset = open_dataset(data)

    def interrupt(stage: str, done: int, total: int | None) -> None:
        if stage == "questions" and done == INTERRUPTED_AT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(dataset, SETTINGS, places, out, Listener(on_progress=interrupt))
    begun = (out / "answers.jsonl").read_bytes()
    report = evaluate(dataset, SETTINGS, places, out)

    # Every question was answered once in each way, and the first answers are still those.
    assert (out / "answers.jsonl").read_bytes().startswith(begun)
    assert set(answered_questions(out).values()) == {1}

    # An evaluation without the interruption says the same, but for the milliseconds.
    whole = evaluate(dataset, SETTINGS, places, tmp_path / "whole")
    for one in (report, whole):
        for system in one["systems"].values():
            del system["ms"]
    assert whole == report
    assert (tmp_path / "whole" / "lists.jsonl").read_bytes() == (out / "lists.jsonl").read_bytes()
