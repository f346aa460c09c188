"""Callbacks of an export: its steps, its progress and its measurements."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table


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


SILENT = ExportListener()
