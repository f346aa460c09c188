"""The page of a user: what was done, what it says, what is recommended."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from jobs.serve.append.streams import Streams
from jobs.serve.login_form import read_form
from jobs.serve.page.context import Page
from jobs.serve.page.feeding import feed_event
from jobs.serve.page.given_value import given_value
from jobs.serve.page.list_settings import ListSettings
from jobs.serve.page.recommendations import list_marks, new_items, places, read_list
from jobs.serve.page.route import PageError
from jobs.serve.page.score_bars import ScoreBar, score_bars
from jobs.serve.page.user_reading import read_actions, read_user, sessions_of
from jobs.serve.what_if.ask import SupposedEvent, UnknownItemError, ask_what_if

LEFT_OUT = (
    "what it would change for others (trends, neighbours, learned weights), and an earlier rating"
    " that it would replace"
)
_IS_KNOWN = "SELECT true AS known FROM interestream.items AS i WHERE i.item_id = %s"
QUICK_ROUNDS = 20
"""How often the list is asked for every 300 ms after an event was fed; then every 3 s."""


def list_address(user_id: str, settings: ListSettings, marks: str, quick: int) -> str:
    """Return where the list asks next, which says what it shows now."""
    query = {"id": user_id, **settings.as_query(), "shown": marks, "quick": quick}
    return f"/user/list?{urlencode(query)}"


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the page of a user and its parts."""

    @router.get("/user")
    async def user(request: Request, id: str) -> Response:
        settings = ListSettings.of(request.query_params)
        async with page.reading() as db:
            found = await read_user(db, id)
            rows = await read_list(db, id, settings)
            actions = await read_actions(db)
        return page.render(
            request,
            "user.html",
            user_id=id,
            user=found,
            sessions=sessions_of(found.items, page.interest.session_gap_s),
            rows=rows,
            new=set(),
            settings=settings,
            actions=actions,
            next_list=list_address(id, settings, list_marks(rows), 0),
            quick=0,
        )

    @router.get("/user/list")
    async def only_list(request: Request, id: str, shown: str = "", quick: int = 0) -> Response:
        settings = ListSettings.of(request.query_params)
        async with page.reading() as db:
            rows = await read_list(db, id, settings)
        left = max(quick - 1, 0)
        return page.render(
            request,
            "user/list.html",
            rows=rows,
            new=new_items(rows, shown),
            next_list=list_address(id, settings, list_marks(rows), left),
            quick=left,
        )

    @router.get("/user/compare")
    async def compare(request: Request, id: str) -> Response:
        first = ListSettings.of(request.query_params, prefix="a_")
        second = ListSettings.of(request.query_params, prefix="b_")
        async with page.reading() as db:
            lists = [await read_list(db, id, each) for each in (first, second)]
        return page.render(
            request,
            "user/compare.html",
            user_id=id,
            sides=[
                (name, settings, list(zip(rows, bars, strict=True)), places(others))
                for name, settings, rows, bars, others in zip(
                    "AB", (first, second), lists, _bars_of(*lists), reversed(lists), strict=True
                )
            ],
        )

    @router.get("/user/what-if")
    async def what_if(
        request: Request, id: str, item: str, action: str, value: str = ""
    ) -> Response:
        settings = ListSettings.of(request.query_params)
        event = SupposedEvent(item, action, given_value(value, action, page.actions.get(action)))
        async with page.trying() as db:
            now = await read_list(db, id, settings)
            try:
                answer = await ask_what_if(
                    db, id, event, settings.parameters(), page.actions, page.interest
                )
            except UnknownItemError:
                raise PageError(f"no item of this space is called '{item}'", 404) from None
            except KeyError:
                raise PageError(f"no action is called '{action}'") from None
        before, after = places(now), places(answer.rows)
        return page.render(
            request,
            "user/what_if.html",
            event=event,
            answer=answer,
            before=before,
            gone=[row for row in now if row["item_id"] not in after],
            left_out=LEFT_OUT,
        )

    @router.post("/user/feed")
    async def feed(request: Request) -> Response:
        form = read_form(await request.body())
        user_id, item = form.get("id", ""), form.get("item", "")
        if page.pseudonyms is not None:
            raise PageError(
                "users are pseudonyms here, and the stream has their true ids, which are not known",
                status=403,
            )
        action = form.get("action", "")
        value = given_value(form.get("value", ""), action, page.actions.get(action))
        settings = ListSettings.of(form)
        async with page.reading() as db:
            rows = await read_list(db, user_id, settings)
            known = await (await db.execute(_IS_KNOWN, (item,))).fetchone()
        streams: Streams = request.app.state.streams
        await feed_event(streams, user_id, item, action, value)
        return page.render(
            request,
            "user/fed.html",
            action=action,
            item=item,
            known=known is not None,
            rows=rows,
            new=set(),
            next_list=list_address(user_id, settings, list_marks(rows), QUICK_ROUNDS),
            quick=QUICK_ROUNDS,
        )


def _bars_of(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[list[ScoreBar]]:
    """The bars of two lists, on one scale."""
    bars = score_bars(first + second)
    return [bars[: len(first)], bars[len(first) :]]
