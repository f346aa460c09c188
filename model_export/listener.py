"""Callbacks of an export: its steps, its progress and its measurements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.table import Table

STEP_TEXTS: Mapping[str, str] = {
    "find": "Looking for the model",
    "prepare": "Preparing the tools",
    "load": "Loading the model",
    "export": "Writing the graph",
    "fuse": "Fusing the graph",
    "judge": "Comparing with the model",
    "publish": "Publishing",
    "read": "Reading what users did",
    "train": "Training",
    "refit": "Training on with the newest likes",
    "serve": "Writing vectors of items and users",
}
"""What a person is shown of a step, by its name."""


def _ignore(_: object) -> None:
    """Do nothing: the default of a listener."""


@dataclass(frozen=True, slots=True)
class ExportListener:
    """Functions that an export calls while it runs; the defaults do nothing."""

    on_step: Callable[[str], None] = _ignore
    """Called with each step's name as it begins: `model_export.build.STEPS` has them."""
    on_progress: Callable[[str], None] = _ignore
    """Called within a step with a few words for a person to read."""
    on_report: Callable[[Table], None] = _ignore
    """Called with the measurements before a gate decides by them, so also when it fails."""
    on_note: Callable[[str], None] = _ignore
    """Called with what a person should know of the model: its prompts, its languages."""


SILENT = ExportListener()
