"""The table of docs/api.md with all endpoints, made from the schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.serve.api.parameters import FILTER

HEAD = (
    "| endpoint | methods | parameters | answers |",
    "|---|---|---|---|",
)
_METHODS = ("get", "post")


def endpoint_rows(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each endpoint of an OpenAPI schema: a parameter with `*` must be given."""
    for path, methods in schema["paths"].items():
        named = " ".join(name.upper() for name in _METHODS if name in methods)
        operation = methods.get("post") or methods["get"]
        given = ", ".join(_parameters(operation, schema))
        yield f"| `{path}` | {named} | {given} | {operation['summary'].rstrip('.')}. |"


def _parameters(operation: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" not in body:
        yield "a record, a list of records, or NDJSON"
        return
    model = schema["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    required = model.get("required", ())
    has_filter = False
    for name, about in model.get("properties", {}).items():
        if name in FILTER:
            if not has_filter:
                yield "[filter](#filters)"
            has_filter = True
        elif name in required:
            yield f"`{name}`\\*"
        else:
            default = about.get("default")
            yield f"`{name}`" if default in (None, "", []) else f"`{name} = {_json(default)}`"


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
