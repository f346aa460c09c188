"""Recognises the data set in a folder, or in a file of records."""

import re
from pathlib import Path

from jobs.datasets.amazon_beauty import AMAZON_BEAUTY
from jobs.datasets.dataset import Dataset
from jobs.datasets.errors import UnknownDatasetError
from jobs.datasets.files import text_lines
from jobs.datasets.movielens import movielens
from jobs.datasets.movietweetings import movietweetings
from jobs.datasets.records import find_records, records
from jobs.datasets.table import table
from jobs.mapping.ready_made import find_mapping
from jobs.mapping.tables import TableMapping

_MAPPING_FILE = "mapping.toml"
_EXPECTED = f"""A data set is a folder with one of
  items.jsonl, events.jsonl                records as in docs/contract.md (or .ndjson, .gz, several
                                           of each, the folders items/ and events/)
  movies.csv, ratings.csv (and tags.csv)   MovieLens
  movies.dat, ratings.dat                  MovieLens 1M and 10M, or MovieTweetings (seven-digit
                                           film numbers)
  items.csv.gz, events.csv.gz              Amazon 2014 Beauty (user,item,timestamp / item,title)
  {_MAPPING_FILE}                             any tables; or pass a mapping: a file, or a name of
                                           `interestream map list`"""


def open_dataset(path: Path, mapping: Path | TableMapping | None = None) -> Dataset:
    """Recognise a folder's data set, or read it with a mapping: a file, or a name of the package.

    A file of records, such as `events.jsonl`, is a data set as well. The mapping is `mapping`, or
    the file `mapping.toml` in the folder. Raises UnknownDatasetError, which lists the known data
    sets, and MappingError or DatasetFileError where a known one cannot be read.
    """
    if path.is_file() and mapping is None and (files := find_records(path)) is not None:
        return records(path, files)
    if not path.is_dir():
        raise UnknownDatasetError(f"{path} is no folder, and no file of records.\n{_EXPECTED}")
    if mapping is None and (path / _MAPPING_FILE).exists():
        mapping = path / _MAPPING_FILE
    if mapping is not None:
        return table(path, find_mapping(mapping) if isinstance(mapping, Path) else mapping)
    names = {entry.name for entry in path.iterdir()}
    if {"movies.csv", "ratings.csv"} <= names:
        return movielens(path)
    if {"movies.dat", "ratings.dat"} <= names:
        older = not _has_film_numbers(path / "movies.dat")
        return movielens(path) if older else movietweetings(path)
    if {"items.csv.gz", "events.csv.gz"} <= names and _is_beauty(path):
        return table(path, AMAZON_BEAUTY)
    if (files := find_records(path)) is not None:
        return records(path, files)
    found = ", ".join(sorted(names)[:12]) or "nothing"
    raise UnknownDatasetError(f"{path} holds {found}.\n{_EXPECTED}")


def _has_film_numbers(movies: Path) -> bool:
    """Whether film numbers have seven digits; older MovieLens releases count films from 1."""
    return re.match(r"\d{7,}::", _first_line(movies)) is not None


def _is_beauty(folder: Path) -> bool:
    return _first_line(folder / "items.csv.gz").startswith("item,title") and _first_line(
        folder / "events.csv.gz"
    ).startswith("user,item,timestamp")


def _first_line(path: Path) -> str:
    return next(text_lines(path), "")
