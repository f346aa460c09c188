"""The fuzzer: its bytes, what must become of them, and that its judge finds faults."""

from collections import Counter

import pytest

from bench.fuzz.corpus import ContradictionError, Corpus, Line, build
from bench.fuzz.fuzzed import STREAMS, Fuzzed, lines_of
from bench.fuzz.judge import Verdict, _check_owners, _match
from bench.verify.recompute import Bounds
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from tests.builders import NOON_MS, RULES

BOUNDS = Bounds(latest_ms=NOON_MS + 86_400_000)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return build(seed=5, broken=4_000, bounds=BOUNDS)


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(corpus):
    assert build(5, 400, BOUNDS).records == build(5, 400, BOUNDS).records
    assert build(5, 400, BOUNDS).records != build(6, 400, BOUNDS).records


def test_every_stream_has_broken_and_good_lines_of_many_kinds(corpus):
    for stream in STREAMS:
        kinds = {line.kind for line in corpus.of(stream)}
        assert len(kinds) >= 30, stream
        broken = Counter(line.broken for line in corpus.of(stream))
        assert min(broken[True], broken[False]) >= 20, stream
    assert sum(line.broken for line in corpus.lines) >= 4_000


@pytest.mark.parametrize("together", [1, 7, 500])
def test_the_parsers_refuse_exactly_the_lines_that_were_made_to_be_broken(corpus, together):
    parsers = {
        "events": lambda lines: parse_events(lines, RULES, NOON_MS).dead,
        "items": lambda lines: parse_items(lines, RULES).dead,
        "control": lambda lines: parse_control(lines, RULES).dead,
    }
    for stream in STREAMS:
        lines = corpus.of(stream)
        for begin in range(0, len(lines), together):
            batch = lines[begin : begin + together]
            dead_letters = parsers[stream]([as_java_passes_it(line.raw) for line in batch])
            broken = [line for line in batch if line.broken]
            assert [each.raw for each in dead_letters] == [line.stored for line in broken]
            for line, each in zip(broken, dead_letters, strict=True):
                assert line.reason in (None, each.reason), (line.kind, line.raw[:200])
                assert (each.user_id or each.item_id) == line.owner, (line.kind, line.raw[:200])


def as_java_passes_it(raw: bytes) -> bytes:
    """A line, or the beginning of a long one with the note of its length and file."""
    return raw if len(raw) <= 262_144 else raw[:262_144] + b"\n%d %%2Fx" % len(raw)


def test_a_line_feed_ends_a_line_and_takes_the_carriage_return_before_it():
    assert lines_of(b"a\r\nb\r\rc\n") == [b"a", b"b\r\rc", b""]


def test_a_line_whose_making_and_oracle_disagree_stops_the_fuzzer(monkeypatch):
    def wrong(maker: object, stream: str) -> Fuzzed:
        return Fuzzed(b"{}", False)

    monkeypatch.setattr("bench.fuzz.corpus._draw", lambda maker, stream: ("wrong", wrong))
    with pytest.raises(ContradictionError, match="made to be good"):
        build(1, 10, BOUNDS)


LINES = [
    Line("events", "a", b"[", True, "not_json"),
    Line("events", "a", b"[", True, "not_json"),
    Line("items", "b", b"{}", True),
    Line("events", "c", b"good", False),
    Line("events", "d", b"unreadable", False, allowed_reason="unreadable_key"),
]
DEAD_LETTERS = {
    ("events", b"["): ["not_json", "not_json"],
    ("items", b"{}"): ["missing_field"],
    ("events", b"unreadable"): ["unreadable_key"],
}


def test_the_judge_finds_a_dead_letter_without_its_user_or_item():
    lines = [Line("events", "a", b"[", True, owner="ada"), Line("events", "a", b"[", True)]
    right, wrong = Verdict(), Verdict()
    of_ada, of_nobody = ("events", b"[", "ada"), ("events", b"[", None)
    _check_owners(Corpus(lines=lines), {of_ada: 1, of_nobody: 1}, right)
    _check_owners(Corpus(lines=lines), {of_nobody: 2}, wrong)
    assert dict(right.faults) == {}
    assert dict(wrong.faults) == {"dead letters without their user or item": 1}


def judged(dead_letters: dict[tuple[str, bytes], list[str]]) -> tuple[list[bytes], dict[str, int]]:
    verdict = Verdict()
    found = {key: list(reasons) for key, reasons in dead_letters.items()}
    accepted = _match(Corpus(lines=LINES), found, verdict)
    return [line.raw for line in accepted], dict(verdict.faults)


def test_the_dead_letters_of_a_right_job_are_no_fault():
    assert judged(DEAD_LETTERS) == ([b"good"], {})
    accepted = {**DEAD_LETTERS, ("events", b"unreadable"): []}
    assert judged(accepted) == ([b"good", b"unreadable"], {})


@pytest.mark.parametrize(
    ("dead_letters", "fault"),
    [
        ({("events", b"["): ["not_json"]}, "broken lines without a dead letter"),
        ({("items", b"{}"): []}, "broken lines without a dead letter"),
        ({("events", b"["): ["not_json"] * 3}, "dead letters not expected"),
        ({("events", b"good"): ["not_json"]}, "dead letters not expected"),
        ({("events", b"unreadable"): ["not_json"]}, "dead letters not expected"),
        ({("events", b"["): ["not_json", "too_long"]}, "dead letters with another reason"),
        ({("items", b"{}"): ["because"]}, "dead letters with a reason that is not documented"),
    ],
)
def test_the_judge_finds_lost_doubled_wrong_and_unexpected_dead_letters(dead_letters, fault):
    assert judged({**DEAD_LETTERS, **dead_letters})[1] == {fault: 1}
