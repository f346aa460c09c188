"""What a filter leaves of the catalogue."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def filters(settings: Serve) -> APIRouter:
    """Endpoints that explain a filter."""
    router = APIRouter(tags=["filters"])
    add_question(router, queries.explain_filter, rows.FilterCondition, settings)
    add_question(router, queries.no_item_passes, rows.FilterVerdict, settings)
    add_question(router, queries.catalogue_words, rows.CatalogueWord, settings)
    return router
