"""Numbers as a person reads them; a value that is not known is a dash."""

NOTHING = "–"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with separators of thousands.

    >>> number(31212), number(-0.126, 2), number(-0.001, 2), number(None)
    ('31,212', '−0.13', '0.00', '–')
    """
    if value is None:
        return NOTHING
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent.

    >>> percent(0.426), percent(0.004), percent(0), percent(None)
    ('43%', '0.4%', '0%', '–')
    >>> percent(0.00001)
    '< 0.1%'
    """
    if share is None:
        return NOTHING
    if 0 < share < 0.0005:
        return "< 0.1%"
    return f"{share * 100:.1f}%" if 0 < abs(share) < 0.01 else f"{share * 100:.0f}%"


def chance(value: float | None) -> str:
    """Return a chance of 0 to 1 in words of one in how many.

    >>> chance(0.05), chance(0.4), chance(0), chance(None)
    ('1 in 20', '1 in 2', '–', '–')
    """
    if value is None or value <= 0:
        return NOTHING
    return f"1 in {max(round(1 / value), 1):,}"
