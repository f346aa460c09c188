"""Imports run one way: what the job holds, and which folders know each other."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("interestream", "jobs", "udfs", "sql", "model_export", "bench")
ASKS_FOR_AN_EXPORT = "jobs/cli/run.py"
"""The commands `demo` and `try`: the only code of `jobs` that may import the exporter."""


def imports(file: Path) -> Iterator[str]:
    """Modules that a source file imports, lazily or not; `from x import y` gives x and x.y."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> dict[str, Path]:
    """Every module of the product and of its benchmarks, by its dotted name."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    names = {file: file.relative_to(ROOT).with_suffix("").parts for file in files}
    return {
        ".".join(parts[:-1] if parts[-1] == "__init__" else parts): file
        for file, parts in names.items()
    }


def test_the_job_imports_nothing_of_the_exporter():
    code = (
        "import sys, jobs.interest_job, jobs.submission, jobs.cli; print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"jobs", "udfs", "pyflink"} <= loaded
    assert loaded.isdisjoint({"model_export", "torch", "transformers", "onnx", "bench", "tests"})


def test_only_the_commands_that_ask_for_an_export_import_the_exporter():
    importing = {
        str(file.relative_to(ROOT))
        for name, file in modules().items()
        if name.partition(".")[0] in {"interestream", "jobs", "udfs", "sql"}
        and any(module.partition(".")[0] in {"model_export", "bench"} for module in imports(file))
    }
    assert importing == {ASKS_FOR_AN_EXPORT}


def test_the_image_of_the_job_holds_nothing_of_the_exporter():
    dockerfile = (ROOT / "docker" / "job.Dockerfile").read_text()
    assert "COPY jobs jobs" in dockerfile
    assert "model_export" not in dockerfile


def folders_that_import() -> dict[tuple[str, str], set[str]]:
    """Pairs of folders, the importing one first, with the imports; a folder's own subfolders and
    the folder above it are left out."""
    known = modules()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, file in known.items():
        for module in set(imports(file)) & known.keys():
            here, there = file.parent, known[module].parent
            if here != there and here not in there.parents and there not in here.parents:
                pair = str(here.relative_to(ROOT)), str(there.relative_to(ROOT))
                found[pair].add(f"{name} -> {module}")
    return found


def test_no_two_folders_import_each_other():
    found = folders_that_import()
    assert len(found) > 100
    both = {pair: found[pair] for pair in found if pair[::-1] in found}
    assert not both


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_lives_there(package):
    silent = [
        str(file.relative_to(ROOT))
        for file in (ROOT / package).rglob("__init__.py")
        if not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert not silent
