"""The page about asking in words: what it says is understood is."""

import re
from pathlib import Path

import pytest

from jobs.asking.languages import language, languages
from jobs.core.asking.understand import understand

PAGE = (Path(__file__).parents[2] / "docs" / "ask.md").read_text()


def rows(heading: str) -> list[list[str]]:
    _, _, below = PAGE.partition(f"\n## {heading}\n")
    lines = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


PHRASES = [
    (part, phrase.strip())
    for part, *cells in rows("What is understood")
    for cell in cells
    for phrase in re.split("[;；]", cell)
]


@pytest.mark.parametrize(("part", "phrase"), PHRASES)
def test_every_phrase_of_the_page_says_what_the_page_tells(part: str, phrase: str) -> None:
    said = understand(phrase, languages())
    found = {
        "refused": said.refused,
        "price, duration, pages": [each for each in said.bounds if each.quantity != "year"],
        "years": [each for each in said.bounds if each.quantity == "year"],
        "follow-up: moves": said.shifts,
        "follow-up: items": (*said.like, *said.unlike),
        "follow-up: more": said.others,
    }
    assert found[part]
    assert part.startswith("follow-up") <= said.follow_up
    assert not said.wanted


def test_there_are_thirty_requests_with_five_rows_and_a_judgement_each() -> None:
    lists = rows("Thirty requests")
    assert [row[0].rstrip("*") for row in lists] == [str(number) for number in range(1, 31)]
    for _, _, _, titles, judged in lists:
        assert len(titles.split("; ")) == 5
        assert re.match(r"\*\*(good|mixed|bad)\*\*", judged)


def test_the_page_counts_its_judgements_and_words_rightly() -> None:
    kinds = [re.findall(r"\*\*(\w+)\*\*", row[4])[0] for row in rows("Thirty requests")]
    told = re.search(r"\*\*(\d+) are good, (\d+) mixed, (\d+) bad\.\*\*", PAGE)
    assert told is not None
    assert list(map(int, told.groups())) == [kinds.count(k) for k in ("good", "mixed", "bad")]
    known = len(language("zh").names) + len(language("zh").glossary)
    assert abs(known - 115) <= 5
