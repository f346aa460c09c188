"""Check for the tools of the export before anything imports them."""

from importlib.util import find_spec

from model_export.errors import MissingExtraError

NEEDED = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")


def require_export_tools(needed: tuple[str, ...] = NEEDED) -> None:
    """Raise MissingExtraError, with the command that helps, unless all `needed` are installed."""
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{', '.join(missing)} not installed; run: pip install 'interestream[export]'"
        )
