"""Joins accepted events with their items, for the fold and for the rows of `user_items`."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import text_reference
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.user_item_rows import UserItemRows, user_item_rows
from jobs.core.interest.weights import ActionTable, signed_weights
from jobs.operators.accepted_events import NO_TEXT, AcceptedEvents
from jobs.texts.sentiment import Sentiment


def join_items(
    events: AcceptedEvents,
    user: NDArray[np.intp],
    row: NDArray[np.intp],
    catalogue: Catalogue,
    actions: ActionTable,
    sentiment: Sentiment,
) -> JoinedEvents:
    """The events with their weights, and with references to their items and texts.

    `user` `(events,)` are the indices of the events' users among the users to fold; `row`
    `(events,)` are the rows of their items in the catalogue.
    """
    codes = events.code
    has_text = events.text_row != NO_TEXT
    text_ref = np.zeros(len(events), dtype=np.uint64)
    for index in np.flatnonzero(has_text).tolist():
        text_ref[index] = text_reference(
            events.text[index] or "", comment=bool(actions.comment[codes[index]])
        )
    weight = signed_weights(actions, codes, events.value)
    # A value (of a rating, for example) is more reliable than the sentiment of the text.
    has_value = (actions.kind[codes] != 0) & ~np.isnan(events.value)
    by_sentiment = np.flatnonzero(actions.comment[codes] & has_text & ~has_value)
    if by_sentiment.size:
        weight[by_sentiment] *= sentiment.strength(
            events.text_vectors[events.text_row[by_sentiment]],
            [events.text[index] or "" for index in by_sentiment.tolist()],
        )
    return JoinedEvents(
        user=user,
        time_ms=events.time_ms,
        key=events.key,
        weight=weight,
        row=row,
        ref=catalogue.references(row),
        text_row=events.text_row,
        text_ref=text_ref,
        comment=actions.comment[codes],
        engagement=np.abs(actions.signed_weight[codes]),
        undo_bit=actions.undo_bit[codes],
        undoes=actions.undoes[codes],
        text_vectors=events.text_vectors,
    )


def user_item_rows_of(
    events: AcceptedEvents, joined: JoinedEvents, actions: ActionTable
) -> UserItemRows:
    """Rows of `user_items` of the events that name an item."""
    with_item = [index for index, item in enumerate(events.item_id) if item is not None]
    if len(with_item) == len(events):
        chosen: slice | list[int] = slice(None)
    else:
        chosen = with_item
    users = events.users
    return user_item_rows(
        [users[index] for index in events.user[chosen].tolist()],
        [item for item in events.item_id if item is not None],
        actions.mask[events.code[chosen]],
        events.time_ms[chosen],
        events.key[chosen],
        joined.weight[chosen],
        joined.undoes[chosen],
    )
