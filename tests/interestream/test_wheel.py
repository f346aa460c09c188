"""The wheel holds what a plain install needs: the client with its types, the SQL, the sentences."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("interestream", "jobs", "model_export", "sql", "udfs")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from a copy so that no `build/` is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", *options, str(source)], check=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def run_elsewhere(unpacked: Path, *arguments: str) -> str:
    """Run Python with the wheel's packages first on its path, from a folder that is no checkout."""
    done = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=unpacked.parent,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    return done.stdout


def files(folder: Path, *patterns: str) -> set[str]:
    return {
        str(file.relative_to(folder))
        for package in PACKAGES
        for pattern in patterns
        for file in (folder / package).rglob(pattern)
    }


def test_the_top_level_is_our_packages(unpacked):
    names = {entry.name for entry in unpacked.iterdir() if not entry.name.endswith(".dist-info")}
    assert names == set(PACKAGES)


def test_every_module_sql_file_and_sentence_is_in_it(unpacked):
    found = files(unpacked, "*.py", "*.sql", "*.tsv", "py.typed")
    assert found == files(ROOT, "*.py", "*.sql", "*.tsv", "py.typed")
    assert "interestream/py.typed" in found
    assert "sql/functions/ask/recommend.sql" in found
    assert "jobs/texts/sentences/en.tsv" in found


def test_the_client_of_the_wheel_is_imported_from_another_folder(unpacked):
    place = run_elsewhere(
        unpacked,
        "-c",
        "import interestream\nfrom interestream import ItemFilter, Recommender\n"
        "print(interestream.__file__)",
    )
    assert Path(place.strip()) == unpacked / "interestream/__init__.py"


def test_the_schema_of_the_wheel_is_applied(unpacked, empty_dsn):
    run_elsewhere(unpacked, "-m", "sql.apply", empty_dsn)
    with psycopg.connect(empty_dsn) as db:
        known = {name for (name,) in db.execute("SELECT name FROM interestream.applied_functions")}
    assert known == {file.stem for file in (ROOT / "sql/functions").glob("*/*.sql")}
