"""What the events of a batch say about recommendations: what was shown, and what was clicked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.feedback.click_join import Feedback
from jobs.core.feedback.contexts import names_recommendation, read_recommended
from jobs.core.feedback.shown_rows import ShownRows
from jobs.operators.accepted_events import AcceptedEvents


def shown_rows_of(events: AcceptedEvents, is_impression: NDArray[np.bool_]) -> ShownRows | None:
    """Rows of `shown_items` of the impressions `(events,)` that name an item; None without any."""
    chosen = [
        index
        for index in np.flatnonzero(is_impression).tolist()
        if events.item_id[index] is not None
    ]
    if not chosen:
        return None
    users, items = events.users, events.item_id
    return ShownRows(
        [users[user] for user in events.user[chosen].tolist()],
        [item for index in chosen if (item := items[index]) is not None],
        events.time_ms[chosen],
    )


def feedback_of(
    events: AcceptedEvents, is_impression: NDArray[np.bool_], weight: NDArray[np.float64]
) -> list[Feedback]:
    """Impressions, and events of positive `weight` `(events,)`, that name a recommendation and an
    item, in the order of the batch."""
    lines: Sequence[bytes] = events.lines
    found: list[Feedback] = []
    # Nearly all batches name none, and one search through all of them costs next to nothing.
    if not names_recommendation(b"\n".join(lines)):
        return found
    for index, line in enumerate(events.line.tolist()):
        if not names_recommendation(lines[line]):
            continue
        item_id = events.item_id[index]
        if item_id is None or not (is_impression[index] or weight[index] > 0):
            continue
        recommended = read_recommended(lines[line])
        if recommended is not None:
            found.append(
                Feedback(
                    events.users[events.user[index]],
                    item_id,
                    recommended,
                    int(events.time_ms[index]),
                    clicked=not is_impression[index],
                )
            )
    return found
