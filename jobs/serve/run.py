"""Listens on an address and serves until SIGTERM or Ctrl-C."""

import os
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from jobs.errors import InterestreamError

STOP_S = 5
"""For how long answers that are under way are waited for at the end."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises InterestreamError with what is in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InterestreamError(
            f"cannot listen at {host}, port {port} ({reason}): name another one with"
            " --set serve.port=NUMBER or --set serve.host=ADDRESS"
        ) from error


def serve(app: FastAPI, listening: socket.socket, started: Callable[[], None]) -> None:
    """Answer until SIGTERM or Ctrl-C, then raise that signal again; `started` is called before."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
            lifespan="on",
        )
    )
    started()
    server.run(sockets=[listening])
