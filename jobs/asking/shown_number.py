"""Bounds as people read them."""

from jobs.asking.languages import quantities


def shown_number(attribute: str, number: float) -> str:
    """A bound of an attribute for people: whole minutes, other numbers with two places at most.

    >>> shown_number("minutes", 41.4833), shown_number("price", 19.99), shown_number("pages", 300.0)
    ('41', '19.99', '300')
    """
    per_unit = quantities()["duration"].get(attribute)
    places = 0 if per_unit is not None and per_unit <= 60 else 2
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
