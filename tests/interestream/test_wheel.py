"""The wheel holds what a plain install needs: the client with its types, the SQL, the sentences,
the mappings."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.fixtures.wheel import PACKAGES

ROOT = Path(__file__).parents[2]


def run_elsewhere(unpacked_wheel: Path, *arguments: str) -> str:
    """Run Python with the wheel's packages first on its path, from a folder that is no checkout."""
    done = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=unpacked_wheel.parent,
        env={**os.environ, "PYTHONPATH": str(unpacked_wheel)},
    )
    return done.stdout


def files(folder: Path, *patterns: str) -> set[str]:
    return {
        str(file.relative_to(folder))
        for package in PACKAGES
        for pattern in patterns
        for file in (folder / package).rglob(pattern)
    }


def test_the_top_level_is_our_packages(unpacked_wheel):
    names = {
        entry.name for entry in unpacked_wheel.iterdir() if not entry.name.endswith(".dist-info")
    }
    assert names == set(PACKAGES)


def test_every_module_sql_file_sentence_mapping_and_pom_is_in_it(unpacked_wheel):
    kinds = ("*.py", "*.sql", "*.tsv", "*.toml", "*.xml", "py.typed")
    found = files(unpacked_wheel, *kinds)
    assert found == files(ROOT, *kinds)
    assert "interestream/py.typed" in found
    assert "sql/functions/ask/recommend.sql" in found
    assert "jobs/texts/sentences/en.tsv" in found
    assert "jobs/mapping/ready/ga4.toml" in found
    assert "jobs/connectors/pom.xml" in found
    monitoring = files(unpacked_wheel, "monitoring/**/*.yml", "monitoring/*.json")
    assert monitoring == files(ROOT, "monitoring/**/*.yml", "monitoring/*.json")
    assert "jobs/monitoring/grafana/datasource.yml" in monitoring


def test_the_client_of_the_wheel_is_imported_from_another_folder(unpacked_wheel):
    place = run_elsewhere(
        unpacked_wheel,
        "-c",
        "import interestream\nfrom interestream import ItemFilter, Recommender\n"
        "print(interestream.__file__)",
    )
    assert Path(place.strip()) == unpacked_wheel / "interestream/__init__.py"


def test_the_schema_of_the_wheel_is_applied(unpacked_wheel, empty_dsn):
    run_elsewhere(unpacked_wheel, "-m", "sql.apply", empty_dsn)
    with psycopg.connect(empty_dsn) as db:
        known = {name for (name,) in db.execute("SELECT name FROM interestream.applied_functions")}
    assert known == {file.stem for file in (ROOT / "sql/functions").glob("*/*.sql")}
