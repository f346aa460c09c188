"""What is popular."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def popularity(settings: Serve) -> APIRouter:
    """The endpoint of trends."""
    router = APIRouter(tags=["popularity"])
    add_question(router, queries.trending, rows.Trending, settings, max_age_s=settings.max_age_s)
    return router
