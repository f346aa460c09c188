"""Answers requests in words on behalf of HTTP: for the API and for the page."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from fastapi import Request

from interestream import queries
from interestream.answer import Answer
from interestream.item_filter import ItemFilter
from interestream.rows import AskedItem
from jobs.asking.answer import Answered, space_query
from jobs.asking.plan import begin, make_plan
from jobs.asking.space_bundle import SpaceBundle
from jobs.asking.statements import shown_query, titles_query, words_of, words_query
from jobs.asking.utterance import utterance_event
from jobs.core.asking.conversation import Conversation
from jobs.core.asking.find_filters import CatalogueWords
from jobs.serve.append.appender import Appender
from jobs.serve.append.errors import AppendError
from jobs.serve.asking import Asking
from jobs.serve.latest import Latest

log = logging.getLogger(__name__)


class InWords:
    """Understands requests, encodes them in a thread, and asks; it keeps nothing of a request."""

    def __init__(
        self, asking: Asking, bundle: SpaceBundle, words_s: float, events: Appender | None = None
    ) -> None:
        """`words_s`: for how long the names of the catalogue are kept, in seconds.

        `events` is the stream that takes the utterances of users, where one is appended to.
        """
        self._asking = asking
        self._bundle = bundle
        self._words = Latest(self._read_words, words_s)
        self._events = events

    async def answer(
        self,
        text: str,
        before: Conversation,
        *,
        k: int = 10,
        user: str | None = None,
        where: ItemFilter | None = None,
        exclude: Collection[str] = (),
        language: str = "",
        personal: float = 0.15,
        refuse: float = 1.0,
        space: int | None = None,
        record: bool = True,
    ) -> Answered:
        """Answer `text` after the conversation `before`; see `jobs.asking.answer`.

        With `record` it is an event of the user, where events are appended to.

        Raises NoEncoderError, an AskError, DatabaseAwayError and psycopg.Error.
        """
        said, now = begin(text, before)
        (sha256,) = await self._asking.ask(space_query(space))
        words = await self._words.get()
        shown = await self._asking.ask(shown_query(now.items)) if said.shifts else []
        reads = await asyncio.to_thread(self._bundle.languages, sha256)
        plan = make_plan(said, now, shown, words, reads)
        rows: Answer[AskedItem] = Answer()
        if not plan.nothing_known:
            vectors = await asyncio.to_thread(self._bundle.encode, sha256, plan.texts)
            query = plan.query(
                vectors,
                k,
                user=user,
                where=where,
                exclude=exclude,
                personal=personal,
                refuse=refuse,
                space=space,
            )
            rows = await self._asking.ask(query, language or said.language)
        rows.note = plan.note()
        if not rows and rows.note is None:
            rows.note = await self._no_item_passes(plan.where(where))
        named = (*plan.conversation.like, *plan.conversation.unlike)
        titles = await self._asking.ask(titles_query(named)) if named else ()
        answer = Answered(plan, rows, dict(titles))
        if record and user is not None and self._events is not None:
            await self._append(self._events, utterance_event(user, said, text, datetime.now(UTC)))
        return answer

    async def _no_item_passes(self, where: ItemFilter | None) -> str | None:
        if where is None:
            return None
        # The whole catalogue is read for it, which may take longer than a question may.
        with suppress(psycopg.Error):
            (verdict,) = await self._asking.ask(queries.no_item_passes(where))
            return verdict.no_item_passes
        return None

    async def _append(self, events: Appender, event: dict[str, Any] | None) -> None:
        if event is None:
            return
        try:
            await events.append([orjson.dumps(event)])
        except AppendError as error:
            # The person has an answer all the same.
            log.warning("a request was not appended to events: %s", error)

    async def _read_words(self) -> CatalogueWords:
        return words_of(await self._asking.ask(words_query()))


def in_words_of(request: Request) -> InWords:
    """The one of the application."""
    found: InWords = request.app.state.in_words
    return found
