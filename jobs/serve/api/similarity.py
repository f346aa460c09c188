"""What is similar: to an item, to a user, to a text."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def similarity(settings: Serve) -> APIRouter:
    """Endpoints of similar items and users, and of items near a vector."""
    router = APIRouter(tags=["similarity"])
    add_question(
        router, queries.similar_items, rows.SimilarItem, settings, max_age_s=settings.max_age_s
    )
    add_question(router, queries.similar_users, rows.SimilarUser, settings)
    add_question(router, queries.search_items, rows.FoundItem, settings, only_post=True)
    add_question(router, queries.ask_items, rows.AskedItem, settings, only_post=True)
    return router
