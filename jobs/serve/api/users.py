"""What is known about a user."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def users(settings: Serve) -> APIRouter:
    """Endpoints of interests and topics."""
    router = APIRouter(tags=["users"])
    add_question(router, queries.user_interests, rows.Interest, settings)
    add_question(router, queries.user_topics, rows.UserTopic, settings)
    add_question(router, queries.user_topic_history, rows.TopicOfDay, settings)
    add_question(router, queries.user_drift, rows.UserDrift, settings)
    return router
