"""What the job has done and learned, and its spaces."""

from fastapi import APIRouter

from interestream import queries, rows
from jobs.serve.api.questions import add_question
from jobs.serve_settings import Serve


def job(settings: Serve) -> APIRouter:
    """Endpoints about the job and about spaces."""
    router = APIRouter(tags=["job"])
    add_question(router, queries.job_status, rows.JobStream, settings)
    add_question(router, queries.sequence_models, rows.SequenceModel, settings)
    add_question(router, queries.click_through, rows.ClickThrough, settings)
    add_question(router, queries.learned, rows.Learned, settings)
    add_question(router, queries.previous_space, rows.PreviousSpace, settings)
    add_question(router, queries.space_coverage, rows.SpaceCoverage, settings)
    return router
