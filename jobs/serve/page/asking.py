"""Ask: a conversation in words, each answer with what was understood of it."""

from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter, Request, Response

from interestream.errors import AskError
from jobs.asking.answer import Answered
from jobs.asking.shown_number import shown_number
from jobs.asking.space_bundle import NoEncoderError
from jobs.core.asking.conversation import ConversationError, read_conversation
from jobs.serve.in_words import in_words_of
from jobs.serve.languages import accepted_languages
from jobs.serve.page.context import Page
from jobs.serve.page.route import PageError

MAX_FORM_BYTES = 200_000


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the page with the form, and what the form is answered with."""

    @router.get("/ask")
    async def form(request: Request) -> Response:
        return page.render(request, "ask.html", turn=None, user="", conversation="")

    @router.post("/ask")
    async def ask(request: Request) -> Response:
        given = await _form(request)
        text = given.get("text", "").strip()
        if not text:
            raise PageError("there are no words: say what you would like")
        user = given.get("user", "").strip()
        try:
            before = read_conversation(orjson.loads(given.get("conversation") or "null"))
            # Who runs the system asks here for a user, who did not ask.
            answer = await in_words_of(request).answer(
                text,
                before,
                user=user or None,
                language=accepted_languages(request),
                record=False,
            )
        except orjson.JSONDecodeError:
            raise PageError("the conversation is broken: load the page again") from None
        except (ConversationError, AskError) as error:
            raise PageError(str(error)) from error
        except NoEncoderError as error:
            raise PageError(str(error), 503) from error
        by_htmx = request.headers.get("hx-request") == "true"
        return page.render(
            request,
            "ask/turn.html" if by_htmx else "ask.html",
            turn={"text": text, "chips": chips(answer), "rows": answer.rows},
            user=user,
            conversation=orjson.dumps(answer.conversation.as_dict()).decode(),
        )


async def _form(request: Request) -> dict[str, str]:
    body = await request.body()
    if len(body) > MAX_FORM_BYTES:
        raise PageError("the form is too long", 413)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[-1] for name, values in fields.items()}


def chips(answer: Answered) -> list[tuple[str, str]]:
    """What was understood: the class of each chip, and its text."""
    told = answer.plan.understood()
    filters = told["filters"]
    found = [("plus", each) for each in told["wanted"]]
    found += [("plus", f"like {each}") for each in map(answer.title, told["like"])]
    found += [("minus", f"no {each}") for each in told["refused"]]
    found += [("minus", f"not like {each}") for each in map(answer.title, told["unlike"])]
    found += [("", f"category {each}") for each in filters["categories"]]
    found += [("", f"not in {each}") for each in filters["not_categories"]]
    found += [("", f"{name} {each}") for name, each in filters["attributes"].items()]
    for name, values in filters["not_attributes"].items():
        found += [("", f"{name} not {each}") for each in values]
    for name, bounds in filters["ranges"].items():
        found += [
            ("", f"{name} {side} {shown_number(name, number)}") for side, number in bounds.items()
        ]
    first, last = filters["first_year"], filters["last_year"]
    if first is not None or last is not None:
        found.append(("", f"years {first or ''}–{last or ''}"))
    found += [("", f"{each}: not known here") for each in told["unknown"]]
    return found + ([("", answer.rows.note)] if answer.rows.note else [])
