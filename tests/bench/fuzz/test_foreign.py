"""Broken records of another shape: the decode step makes of each what was worked out by hand."""

from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from bench.fuzz.foreign import kinds
from bench.fuzz.foreign.became import faults
from bench.fuzz.foreign.corpus import build_foreign
from bench.fuzz.foreign.envelopes import ENVELOPE_KINDS
from bench.fuzz.foreign.made import Made, accepted, broken, dumped
from bench.fuzz.foreign.shop import MAPPING
from bench.fuzz.foreign.topics import TOPIC_KINDS
from bench.fuzz.good import Maker
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.decoding.contract_lines import ContractLines
from jobs.decoding.decode_settings import DecodeSettings
from jobs.stream_formats import ForeignStream, StreamFormat

RULES = Rules(frozenset(DEFAULT_ACTIONS))
RECORDS = 3_000
NO_LINES = {"shape: ignored"}


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fuzz") / "shop.toml"
    path.write_text(MAPPING)
    return path


def decoder(stream: ForeignStream, mapping: Path) -> ContractLines:
    given = StreamFormat(mapping=str(mapping))
    return DecodeSettings.read(stream, given, RULES, 2).compile()


def records(stream: str, seed: int, count: int) -> list[tuple[str, Made]]:
    maker = Maker(seed)
    return [kinds.draw(maker, stream) for _ in range(count)]


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_record_becomes_what_was_worked_out_by_hand(
    stream: ForeignStream, seed: int, mapping: Path
) -> None:
    to_lines = decoder(stream, mapping)
    wrong: Counter[str] = Counter()
    examples = []
    for name, made in records(stream, seed, RECORDS):
        before = to_lines.counts.ignored
        found = faults(made, to_lines([made.passed]), stream, kinds.BOUNDS)
        if to_lines.counts.ignored - before != made.ignored:
            found.append(f"ignored {to_lines.counts.ignored - before}, not {made.ignored}")
        if found:
            wrong[name] += 1
            examples.append(f"{name}: {made.value!r:.300}: {found}")
    assert not wrong, "\n".join([str(wrong), *examples[:20]])


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("together", [2, 7, 300])
def test_what_becomes_of_a_record_does_not_depend_on_those_beside_it(
    stream: ForeignStream, together: int, mapping: Path
) -> None:
    values = [made.passed for _, made in records(stream, 3, RECORDS)]
    alone, batches = decoder(stream, mapping), decoder(stream, mapping)
    one_by_one = [line for value in values for line in alone([value])]
    parts = [values[begin : begin + together] for begin in range(0, len(values), together)]
    assert [line for part in parts for line in batches(part)] == one_by_one
    assert alone.counts == batches.counts


def test_the_same_seed_makes_the_same_bytes_and_every_kind_comes() -> None:
    corpus = build_foreign(seed=5, broken=4_000)
    assert build_foreign(5, 400).records == build_foreign(5, 400).records
    assert build_foreign(5, 400).records != build_foreign(6, 400).records
    for stream in kinds.STREAMS:
        assert {line.kind for line in corpus.of(stream)} >= kinds.KINDS[stream].keys() - NO_LINES
        broken = Counter(line.broken for line in corpus.of(stream))
        assert min(broken[True], broken[False]) >= 200, stream


def test_the_judge_finds_what_is_not_as_it_must_be() -> None:
    made = broken(b'{"at": 7}', "missing_field", "ada")
    right = b"\x1eundecoded missing_field user_id =ada\x1e" + b'{"at": 7}'
    assert faults(made, [right], "events", kinds.BOUNDS) == []
    for wrong in (
        [],
        [right, right],
        [right.replace(b"missing_field", b"bad_time")],
        [right.replace(b"=ada", b"-")],
        [right + b" "],
        [b'{"at": 7}'],
    ):
        assert faults(made, wrong, "events", kinds.BOUNDS) != []
    event = {"event_id": None, "user_id": 7, "action": "view", "event_time": 1_750_000_000_000}
    good = accepted(b"{}", event | {"item_id": "tea"})
    line = dumped(event | {"item_id": "tea", "event_id": "any"})
    assert faults(good, [line], "events", kinds.BOUNDS) == []
    for lines in ([], [line, line], [line.replace(b"tea", b"mug")], [line.replace(b"any", b"")]):
        assert faults(good, lines, "events", kinds.BOUNDS) != []


def judged(to_lines: ContractLines, stream: str, made: Made) -> list[str]:
    before = to_lines.counts.ignored
    lines = to_lines([made.passed], [made.key], [made.headers])
    ignored = to_lines.counts.ignored - before
    found = faults(made, lines, stream, kinds.BOUNDS)
    return found if ignored == made.ignored else [*found, f"ignored {ignored}, not {made.ignored}"]


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("name", ["null", "value"])
def test_a_record_of_a_topic_becomes_what_its_key_and_value_say(
    stream: ForeignStream, name: str, mapping: Path
) -> None:
    to_lines, maker = decoder(stream, mapping), Maker(1)
    for _ in range(500):
        made = TOPIC_KINDS[stream][name](maker)
        assert judged(to_lines, stream, made) == [], made


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("envelope", ["debezium", "cloudevents"])
def test_a_record_in_an_envelope_becomes_what_the_envelope_says(
    stream: ForeignStream, envelope: Literal["debezium", "cloudevents"]
) -> None:
    to_lines = DecodeSettings.read(stream, StreamFormat(envelope=envelope), RULES, 2).compile()
    maker = Maker(1)
    for _ in range(800):
        made = ENVELOPE_KINDS[stream][envelope](maker)
        assert judged(to_lines, stream, made) == [], made


@pytest.mark.parametrize("stream", kinds.STREAMS)
def test_the_dead_letters_and_records_behind_the_decode_step_are_those_of_the_corpus(
    stream: ForeignStream, mapping: Path
) -> None:
    corpus = build_foreign(seed=8, broken=2_000)
    to_lines = decoder(stream, mapping)
    values = [Made(value).passed for value in corpus.records[stream]]
    lines = [
        line
        for begin in range(0, len(values), 100)
        for line in to_lines(values[begin : begin + 100])
    ]
    dead = judge_of(stream, RULES)(lines)
    expected = [line for line in corpus.of(stream) if line.broken]
    owners = Counter((one.raw, one.user_id or one.item_id) for one in dead)
    assert owners == Counter((line.stored, line.owner) for line in expected)
    reasons = Counter((one.raw, one.reason) for one in dead)
    assert Counter((line.stored, line.reason) for line in expected if line.reason) <= reasons
    assert len(lines) == len(corpus.of(stream))
