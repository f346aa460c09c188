"""The schema of the API: OpenAPI 3.1 at `/openapi.json`."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from jobs.serve.problems import Problem

VERSION = "1"
DESCRIPTION = """Questions of Interestream as JSON; docs/api.md tells more. Every answer has a
`recommendation_id`: events that follow from it carry it in `context.recommendation_id`, and the
rank of the row in `context.position`."""


_LOGINS = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
"""The two ways of giving the key."""


def describe(app: FastAPI, *, needs_key: bool) -> None:
    """Let `app` tell its schema, with the problems that endpoints refer to and how to log in."""

    def schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=VERSION, description=DESCRIPTION, routes=app.routes
            )
            _, problems = models_json_schema(
                [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
            )
            components = made.setdefault("components", {})
            components.setdefault("schemas", {}).update(problems["$defs"])
            if needs_key:
                components["securitySchemes"] = _LOGINS
                made["security"] = [{name: []} for name in _LOGINS]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]
