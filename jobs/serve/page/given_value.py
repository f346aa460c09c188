"""The value of an event, as a form gives it."""

import math

from jobs.action_settings import Action
from jobs.serve.page.route import PageError


def given_value(text: str, name: str, action: Action | None) -> float | None:
    """Return the number, None where the field is empty.

    `action` is that of the event, called `name`, None for one that is not configured. Raises
    PageError for what is no finite number, or is outside of the range of the action.

    >>> given_value(" 4.5 ", "rating", Action(weight=4, scale="linear", value_range=(0, 5)))
    4.5
    """
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PageError(f"'value' is a number, unlike '{text.strip()[:40]}'")
    if action is not None and action.value_range:
        low, *_, high = action.value_range
        if not low <= value <= high:
            raise PageError(
                f"the value of '{name}' lies between {low:g} and {high:g}, unlike {value:g}"
            )
    return value
