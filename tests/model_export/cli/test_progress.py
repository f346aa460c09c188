"""A log of an export: few lines, and no long silence."""

import time

import pytest

from model_export.cli import progress
from model_export.cli.progress import shown_progress


@pytest.fixture(autouse=True)
def a_hurried_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_LINE_EVERY_S", 60.0)
    monkeypatch.setattr(progress, "LOG_SILENCE_S", 0.2)


def test_a_step_that_says_nothing_is_told_again_and_again(capsys):
    with shown_progress(lambda table: None) as listener:
        listener.on_step("judge")
        listener.on_progress("57% making int8-mixed")
        listener.on_progress("57% quantising product 1 of 48: layer.0")
        time.sleep(0.7)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Comparing with the model", "  57% making int8-mixed"]
    assert len(lines) >= 4
    doing = "  57% quantising product 1 of 48: layer.0"
    assert lines[2] == doing
    assert {*lines[3:]} == {f"{doing}, still"}


def test_a_log_gets_few_lines_of_much_progress_and_every_note(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LOG_SILENCE_S", 60.0)
    with shown_progress(lambda table: None) as listener:
        listener.on_step("load")
        for number in range(100):
            listener.on_progress(f"batch {number}")
        listener.on_note("query prompt: none")
        listener.on_note("languages: en")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["Loading the model", "  batch 0", "  query prompt: none", "  languages: en"]
