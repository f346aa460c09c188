"""The packaged encoder's bundle: there already, or exported now."""

from collections.abc import Callable
from pathlib import Path

from model_export.extras import require_export_tools
from model_export.listener import ExportListener
from model_export.publishing.publish import bundle_path
from udfs.bundle import verify
from udfs.errors import UdfError

DEFAULT_NAME = "minilm"
DEFAULT_VERSION = "fp32-fused-1"
"""Names the recipe, and how often the export of it has changed."""


def ensure_bundle(root: Path, on_step: Callable[[str], None] = lambda step: None) -> Path:
    """Folder of the packaged encoder's bundle under `root`, exported when it is not there.

    A bundle that no longer fits its manifest is made again. `on_step` is told each step of an
    export (`model_export.build.STEPS`); an existing bundle takes none. The export takes about
    20 s. Raises MissingExtraError when its tools are not installed, or another ExportError.
    """
    existing = bundle_path(root, DEFAULT_NAME, DEFAULT_VERSION)
    try:
        verify(existing)
    except UdfError:
        return _export(root, on_step)
    return existing


def _export(root: Path, on_step: Callable[[str], None]) -> Path:
    require_export_tools()
    # torch and transformers take seconds to import: only now, and only if they are there.
    from model_export.build import build_bundle  # noqa: PLC0415
    from model_export.source.folder import packaged_source  # noqa: PLC0415

    listener = ExportListener(on_step)
    return build_bundle(packaged_source(), root, DEFAULT_NAME, DEFAULT_VERSION, listener)
