"""Files of cells with broken rows: what `replay` reads of each is what was worked out by hand."""

from pathlib import Path

import pytest

from bench.fuzz.foreign.became import became
from bench.fuzz.foreign.kinds import BOUNDS
from bench.fuzz.foreign.made import Dead, Good
from bench.fuzz.foreign.tables import Row, build_table, mapping
from jobs.datasets.dataset import line_bytes
from jobs.datasets.table import table
from jobs.mapping.read_mapping import read_mapping

ROWS = 1_500


def as_expected(found: Good | Dead, row: Row) -> bool:
    if isinstance(found, Good):
        return found.record == row.good
    return found.reason == row.reason and row.raw in (None, found.raw)


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_row_becomes_what_was_worked_out_by_hand(
    form: str, seed: int, tmp_path: Path
) -> None:
    built = build_table(seed, ROWS, form)
    (tmp_path / f"events.{form}").write_bytes(built.content)
    (tmp_path / "table.toml").write_text(mapping(f"events.{form}", form))
    read = table(tmp_path, read_mapping(tmp_path / "table.toml"))
    found = [became(line_bytes(line), "events", BOUNDS) for line in read.events()]
    expected = [row for row in built.rows if row.good is not None or row.reason is not None]
    for one, row in zip(found, expected, strict=False):
        assert as_expected(one, row), f"{row.lines!r:.400}\n{row.good or row.reason}\n{one!r:.400}"
    assert len(found) == len(expected)
