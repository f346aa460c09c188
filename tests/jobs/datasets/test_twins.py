"""A file and its compressed twin are not read both."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.twins import refuse_twins

ROWS = b"sku,name\nA1,Kettle\n"
LINE = b'{"item_id":"1","title":"Mug"}\n'


@pytest.mark.parametrize(
    ("ending", "packed"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
def test_a_table_whose_pattern_fits_both_is_refused(
    tmp_path: Path, ending: str, packed: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "goods.csv").write_bytes(ROWS)
    (tmp_path / f"goods.csv{ending}").write_bytes(packed(ROWS))
    mapping = '[items]\nfile = "goods*"\nitem_id = "sku"\ntitle = "name"\n'
    (tmp_path / "mapping.toml").write_text(mapping)
    names = rf"goods\.csv and goods\.csv\{ending} hold the same, and would be read twice"
    with pytest.raises(DatasetFileError, match=names):
        open_dataset(tmp_path)


def test_records_beside_their_packed_form_are_refused(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_bytes(LINE)
    (tmp_path / "items.jsonl.gz").write_bytes(gzip.compress(LINE))
    with pytest.raises(DatasetFileError, match=r"items\.jsonl and items\.jsonl\.gz hold the same"):
        open_dataset(tmp_path)


def test_files_of_other_content_or_name_are_read(tmp_path: Path) -> None:
    large = LINE * 100_000
    files = {
        "a.jsonl": large,
        "a.jsonl.gz": gzip.compress(large + LINE),
        "b.jsonl": large,
        "b.jsonl.xz": b"no archive",
        "b.jsonl.bz2": bz2.compress(large[:-1]),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    refuse_twins([tmp_path / name for name in files])


def test_two_packed_forms_of_one_file_are_twins(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINE))
    (tmp_path / "a.jsonl.xz").write_bytes(lzma.compress(LINE))
    with pytest.raises(DatasetFileError, match="hold the same"):
        refuse_twins(sorted(tmp_path.iterdir()))
