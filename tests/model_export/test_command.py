import pytest
import typer
from typer.testing import CliRunner, Result

from model_export import __main__ as command
from model_export import build
from model_export.errors import MissingExtraError, ParityError
from tests.model_export.builders import tiny_model

APP = typer.Typer()
APP.command()(command.main)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(build, "build_bundle", fail)


def test_a_folder_is_exported_and_the_bundles_path_is_all_that_is_printed(tmp_path):
    source = tiny_model(tmp_path / "m")
    result = run("--out", tmp_path / "out", "--name", "t", "--version", "2", "--source", source)
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'out' / 't' / '2'}\n"


@pytest.mark.parametrize(
    ("error", "code"), [(ParityError("off by 0.1"), 3), (MissingExtraError("pip install x"), 4)]
)
def test_each_way_to_fail_has_its_exit_code(tmp_path, monkeypatch, error, code):
    fail_with(monkeypatch, error)
    result = run("--out", tmp_path)
    assert result.exit_code == code
    assert str(error) in result.stderr


def test_a_folder_without_a_model_fails_with_its_reason(tmp_path):
    result = run("--out", tmp_path / "out", "--source", tmp_path)
    assert result.exit_code == 1
    assert "misses config.json" in result.stderr


def test_an_export_needs_to_know_where_to():
    assert run().exit_code == 2
