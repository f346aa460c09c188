"""Keeps bodies of requests short, whatever they say about their length."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.serve.problems import problem


class BodyLimit:
    """ASGI: answers 413 where a body is longer than `longest` bytes."""

    def __init__(self, app: ASGIApp, longest: int) -> None:
        self._app = app
        self._longest = longest
        self._sentence = f"a body has {longest} bytes at most (serve.max_body_bytes)"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count the bytes of its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if stated.isdigit() and int(stated) > self._longest:
            name = HTTPStatus.REQUEST_ENTITY_TOO_LARGE.name.lower()
            sentence = self._sentence[0].upper() + self._sentence[1:]
            refusal = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, name, f"{sentence}.")
            await refusal(scope, receive, send)
            return
        length = 0

        async def counted() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > self._longest:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._sentence)
            return message

        await self._app(scope, counted, send)
