"""The pages for people: links lead somewhere, named files exist, lines and tables can be read."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0].isalpha()}
LONGEST_LINE = 160

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
WRITTEN_BY_THE_BENCHMARK = re.compile(r"<!-- bench -->.*?<!-- /bench -->", re.DOTALL)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def lines_outside_code(page: Path) -> Iterator[tuple[int, str]]:
    """(number, line) of the lines that are in no block of code; a line in one is empty."""
    in_code = False
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        fence = line.lstrip().startswith("```")
        yield number, "" if in_code or fence else line
        in_code ^= fence


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`, as GitHub and most renderers derive it from headings."""
    seen: Counter[str] = Counter()
    found = set()
    for _, line in lines_outside_code(page):
        if heading := re.fullmatch(r"#{1,6}\s+(.*)", line):
            slug = re.sub(r"[^\w\s-]", "", heading[1].lower()).strip().replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


def text_outside_code(page: Path) -> str:
    return "\n".join(line for _, line in lines_outside_code(page))


@every_page
def test_every_link_leads_to_a_file_and_a_heading(page):
    broken = []
    for link in LINK.findall(CODE.sub("code", text_outside_code(page))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@every_page
def test_every_path_in_backticks_exists(page):
    missing = [
        span
        for span in CODE.findall(text_outside_code(page))
        if PATH.fullmatch(span)
        and "..." not in span
        and "/" in span
        and span.split("/")[0] in FOLDERS
        and not (ROOT / span).exists()
    ]
    assert missing == []


@every_page
def test_no_line_of_prose_is_too_long_to_read(page):
    by_hand = WRITTEN_BY_THE_BENCHMARK.sub("", page.read_text()).splitlines()
    long = [
        f"{number}: {len(line)} characters"
        for number, line in lines_outside_code(page)
        if len(line) > LONGEST_LINE and not line.startswith("|") and line in by_hand
    ]
    assert long == []


@every_page
def test_no_table_is_cut_in_two(page):
    lines = [line for _, line in lines_outside_code(page)]
    cut = []
    for number, line in enumerate(lines):
        if not line.startswith("|") or (number and lines[number - 1].startswith("|")):
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if not re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", below):
            cut.append(f"{number + 1}: a row without a header: {line[:60]}")
    assert cut == []
