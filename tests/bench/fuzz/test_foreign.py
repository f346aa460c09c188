"""Broken records of another shape: the decode step makes of each what was worked out by hand."""

from collections import Counter
from pathlib import Path

import pytest

from bench.fuzz.foreign import kinds
from bench.fuzz.foreign.became import faults
from bench.fuzz.foreign.made import Made
from bench.fuzz.foreign.shop import MAPPING
from bench.fuzz.good import Maker
from bench.verify.recompute import Bounds
from jobs.config import DEFAULT_ACTIONS
from jobs.core.parsing.rules import Rules
from jobs.decoding.contract_lines import ContractLines
from jobs.decoding.decode_settings import DecodeSettings
from jobs.stream_formats import StreamFormat

RULES = Rules(frozenset(DEFAULT_ACTIONS))
BOUNDS = Bounds(latest_ms=2**62)
RECORDS = 3_000


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fuzz") / "shop.toml"
    path.write_text(MAPPING)
    return path


def decoder(stream: str, mapping: Path) -> ContractLines:
    given = StreamFormat(mapping=str(mapping))
    return DecodeSettings.read(stream, given, RULES, 2).compile()


def records(stream: str, seed: int, count: int) -> list[tuple[str, Made]]:
    maker = Maker(seed)
    return [kinds.draw(maker, stream) for _ in range(count)]


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_record_becomes_what_was_worked_out_by_hand(
    stream: str, seed: int, mapping: Path
) -> None:
    to_lines = decoder(stream, mapping)
    wrong: Counter[str] = Counter()
    examples = []
    for name, made in records(stream, seed, RECORDS):
        before = to_lines.counts.ignored
        found = faults(made, to_lines([made.passed]), stream, BOUNDS)
        if to_lines.counts.ignored - before != made.ignored:
            found.append(f"ignored {to_lines.counts.ignored - before}, not {made.ignored}")
        if found:
            wrong[name] += 1
            examples.append(f"{name}: {made.value!r:.300}: {found}")
    assert not wrong, "\n".join([str(wrong), *examples[:20]])


@pytest.mark.parametrize("stream", kinds.STREAMS)
@pytest.mark.parametrize("together", [2, 7, 300])
def test_what_becomes_of_a_record_does_not_depend_on_those_beside_it(
    stream: str, together: int, mapping: Path
) -> None:
    values = [made.passed for _, made in records(stream, 3, RECORDS)]
    alone, batches = decoder(stream, mapping), decoder(stream, mapping)
    one_by_one = [line for value in values for line in alone([value])]
    parts = [values[begin : begin + together] for begin in range(0, len(values), together)]
    assert [line for part in parts for line in batches(part)] == one_by_one
    assert alone.counts == batches.counts
