"""`python -m model_export --out DIR`: a model becomes a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model_export.ensure import DEFAULT_NAME, DEFAULT_VERSION
from model_export.errors import ExportError, MissingExtraError, ParityError
from model_export.extras import require_export_tools
from model_export.source import folder_source, packaged_source
from udfs.errors import UdfError

EXIT_FAILED = 1
EXIT_PARITY = 3  # 2 is a wrong option, as everywhere
EXIT_MISSING_EXTRA = 4

STEP_TEXTS = {
    "load": "Loading the model",
    "export": "Writing the graph",
    "fuse": "Fusing the graph",
    "judge": "Comparing with the model",
    "publish": "Publishing",
}


def main(
    out: Annotated[Path, typer.Option(help="Folder of bundles; written to OUT/NAME/VERSION.")],
    name: Annotated[str, typer.Option(help="Name of the bundle.")] = DEFAULT_NAME,
    version: Annotated[str, typer.Option(help="Version; a published one never changes.")] = (
        DEFAULT_VERSION
    ),
    source: Annotated[
        str, typer.Option(help="'package' for the packaged MiniLM, or a model's folder.")
    ] = "package",
) -> None:
    """Export a sentence encoder to a bundle: graph, tokenizer, manifest.

    Exit codes: 0 published, 1 failed, 2 wrong option, 3 the graph differs from the model,
    4 a tool is not installed.
    """
    try:
        bundle = _export(out, name, version, source)
    except MissingExtraError as error:
        raise _failed(error, EXIT_MISSING_EXTRA) from error
    except ParityError as error:
        raise _failed(error, EXIT_PARITY) from error
    except (ExportError, UdfError) as error:
        raise _failed(error, EXIT_FAILED) from error
    Console().print(str(bundle), markup=False, soft_wrap=True)


def _failed(error: Exception, code: int) -> typer.Exit:
    Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
    return typer.Exit(code)


def _export(out: Path, name: str, version: str, source: str) -> Path:
    require_export_tools()
    model = packaged_source() if source == "package" else folder_source(Path(source))
    with Console(stderr=True).status("Starting") as status:
        # torch takes seconds to import: after the checks, with something on the screen.
        from model_export.build import build_bundle  # noqa: PLC0415

        return build_bundle(model, out, name, version, lambda step: status.update(STEP_TEXTS[step]))


if __name__ == "__main__":
    typer.run(main)
