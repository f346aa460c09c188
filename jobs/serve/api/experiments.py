"""Experiments: who gets which variant, and how the variants do."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def experiments(settings: Serve) -> APIRouter:
    """Endpoints of a user's variant and of the report."""
    router = APIRouter(tags=["experiments"])
    add_question(router, queries.user_variant, rows.UserVariant, settings)
    add_question(router, queries.experiment_report, rows.ExperimentResult, settings)
    return router
