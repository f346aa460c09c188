"""Read JSON files of a model's folder."""

import json
from pathlib import Path
from typing import Any

from model_export.errors import SourceError


def read_json(path: Path) -> dict[str, Any]:
    """Read the JSON object in a file, empty where there is no file.

    Raises SourceError for other content.
    """
    content = load_json(path)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SourceError(f"{path} is not a JSON object; download it again")
    return content


def load_json(path: Path) -> Any:
    """Read any JSON in a file, None where there is no file.

    Raises SourceError for what is not JSON.
    """
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{path} is not JSON: {error}; download it again") from error
