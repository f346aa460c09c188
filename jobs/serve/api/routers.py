"""All endpoints of the API."""

from fastapi import APIRouter

from jobs.serve.api.appending import appending
from jobs.serve.api.experiments import experiments
from jobs.serve.api.filters import filters
from jobs.serve.api.job import job
from jobs.serve.api.popularity import popularity
from jobs.serve.api.recommending import recommending
from jobs.serve.api.similarity import similarity
from jobs.serve.api.users import users
from jobs.serve.api.words import words
from jobs.serve_settings import Serve

PREFIX = "/api/v1"
GROUPS = (
    recommending,
    words,
    similarity,
    popularity,
    users,
    filters,
    experiments,
    job,
    appending,
)
"""Each makes a router of the settings."""


def api_router(settings: Serve) -> APIRouter:
    """The router of everything below `/api/v1`."""
    router = APIRouter(prefix=PREFIX)
    for group in GROUPS:
        router.include_router(group(settings))
    return router
