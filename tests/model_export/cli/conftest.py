"""A small model and a registry with two versions of it."""

import shutil
from pathlib import Path

import pytest

from tests.model_export.builders import tiny_model
from tests.model_export.cli.builders import run


@pytest.fixture(autouse=True)
def the_recipe_of_most_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searching takes a while; what is tested here does not depend on it."""
    monkeypatch.setenv("INTERESTREAM_EXPORT_RECIPE", "fp32-fused")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A registry with t@1 and t@2; t@2 cuts texts at 8 tokens instead of 32."""
    registry = tmp_path_factory.mktemp("registry")
    options = ("--registry", registry, "--name", "t", "--source", model, "--recipe", "fp32-fused")
    assert run(*options, "--version", "1").exit_code == 0
    assert run(*options, "--version", "2", "--max-tokens", "8").exit_code == 0
    return registry


@pytest.fixture
def registry(exported: Path, tmp_path: Path) -> Path:
    """A copy of `exported` that a test may change."""
    return Path(shutil.copytree(exported, tmp_path / "registry"))
