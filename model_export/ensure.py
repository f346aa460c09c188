"""Find the packaged encoder's bundle, or export it."""

from collections.abc import Callable
from pathlib import Path

from model_export.extras import require_export_tools
from model_export.listener import ExportListener
from model_export.publishing.publish import bundle_path
from udfs.bundle import verify
from udfs.errors import UdfError

DEFAULT_NAME = "minilm"
DEFAULT_VERSION = "fp32-fused-1"
"""The recipe, and a number that grows whenever the export of it changes."""


def ensure_bundle(root: Path, on_step: Callable[[str], None] = lambda step: None) -> Path:
    """Return the folder of the packaged encoder's bundle under `root`, exported if need be.

    A missing bundle, or one that does not fit its manifest, is exported, which takes about 20 s:
    `on_step` is then called with the name of each step (`model_export.build.STEPS`). Raises
    MissingExtraError when a tool of the export is not installed, or another ExportError.
    """
    existing = bundle_path(root, DEFAULT_NAME, DEFAULT_VERSION)
    try:
        verify(existing)
    except UdfError:
        return _export(root, on_step)
    return existing


def _export(root: Path, on_step: Callable[[str], None]) -> Path:
    require_export_tools()
    # torch and transformers take seconds to import: only an export does that.
    from model_export.build import build_bundle  # noqa: PLC0415
    from model_export.source.folder import packaged_source  # noqa: PLC0415

    listener = ExportListener(on_step)
    return build_bundle(packaged_source(), root, DEFAULT_NAME, DEFAULT_VERSION, listener)
