"""The connection to Postgres of a step that writes rows of the job's space."""

import psycopg
from pyflink.datastream.functions import RuntimeContext

from jobs.errors import SpaceGoneError
from jobs.operators.end_job import end_job
from jobs.operators.settings import OperatorSettings
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.held_space import hold_space


def step_connection(settings: OperatorSettings, context: RuntimeContext) -> RetryingConnection:
    """A connection whose transactions hold the space, and end the job where that is gone.

    Call it in `open`; the connection itself is opened by the first transaction.
    """
    space_id = settings.identity.space_id
    java_context = context._runtime_context

    def begin(connection: psycopg.Connection) -> None:
        try:
            hold_space(connection, space_id)
        except SpaceGoneError as error:
            end_job(java_context, str(error))
            raise

    return RetryingConnection(settings.config.database, begin=begin)
