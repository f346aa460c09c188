"""Recommendations."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def recommending(settings: Serve) -> APIRouter:
    """Endpoints that say what a user should see next."""
    router = APIRouter(tags=["recommendations"])
    add_question(router, queries.recommend, rows.Recommended, settings)
    add_question(router, queries.recommend_many, rows.RecommendedTo, settings)
    add_question(router, queries.recommend_more_like, rows.FoundItem, settings)
    add_question(router, queries.why_not, rows.Obstacle, settings)
    add_question(router, queries.recommend_users, rows.RecommendedUser, settings)
    add_question(router, queries.recommend_topics, rows.RecommendedTopic, settings)
    return router
