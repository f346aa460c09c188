"""Answers a request in words over a connection that waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from interestream import queries
from interestream.answer import Answer
from interestream.queries import Query
from interestream.recommender import Recommender
from interestream.rows import AskedItem
from jobs.asking.plan import Plan, begin, make_plan
from jobs.asking.space_bundle import SpaceBundle
from jobs.asking.statements import SPACE_BUNDLE, shown_query, titles_query, words_of, words_query
from jobs.core.asking.conversation import Conversation


@dataclass(frozen=True)
class Answered:
    """The rows, what was understood, and what a follow-up stands on."""

    plan: Plan
    rows: Answer[AskedItem]
    """Their `note` says what could not be answered, and why there are none."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By id those of the items that the answer shall be like or unlike."""

    @property
    def conversation(self) -> Conversation:
        """To be sent back with a follow-up."""
        return self.plan.conversation.shown(tuple(row.item_id for row in self.rows))

    def title(self, item: str) -> str:
        """What people know an item by: its title, or its id where there is none."""
        return self.titles.get(item) or item

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "recommendation_id": self.rows.recommendation_id,
            "note": self.rows.note,
            "rows": [vars(row) for row in self.rows],
            "understood": self.plan.understood(),
            "conversation": self.conversation.as_dict(),
        }


def space_query(space: int | None) -> Query[str]:
    """The hash of the bundle of a space, the active one unless named."""
    return Query(
        sql.Composed([sql.SQL(SPACE_BUNDLE)]), {"space": space}, lambda bundle_sha256: bundle_sha256
    )


def language_query(language: str) -> Query[str]:
    """Sets the language of reasons for the connection."""
    return Query(
        sql.Composed([sql.SQL("SELECT set_config('interestream.language', %(language)s, false)")]),
        {"language": language},
        lambda set_config: set_config,
    )


def answer_request(
    recommender: Recommender,
    bundle: SpaceBundle,
    text: str,
    before: Conversation,
    *,
    k: int = 10,
    user: str | None = None,
    language: str = "",
    personal: float = 0.15,
    refuse: float = 1.0,
    space: int | None = None,
) -> Answered:
    """Answer `text` after the conversation `before`.

    `language` is that of the reasons, the request's own unless named. Raises NoEncoderError and an
    AskError.
    """
    said, now = begin(text, before)
    (sha256,) = recommender.ask(space_query(space))
    words = words_of(recommender.ask(words_query()))
    shown = recommender.ask(shown_query(now.items)) if said.shifts else []
    plan = make_plan(said, now, shown, words, bundle.languages(sha256))
    rows: Answer[AskedItem] = Answer()
    if not plan.nothing_known:
        vectors = bundle.encode(sha256, plan.texts)
        recommender.ask(language_query(language or said.language))
        rows = recommender.ask(
            plan.query(vectors, k, user=user, personal=personal, refuse=refuse, space=space)
        )
    rows.note = plan.note()
    if not rows and rows.note is None and (where := plan.where()) is not None:
        (verdict,) = recommender.ask(queries.no_item_passes(where))
        rows.note = verdict.no_item_passes
    named = (*plan.conversation.like, *plan.conversation.unlike)
    return Answered(plan, rows, dict(recommender.ask(titles_query(named)) if named else ()))
