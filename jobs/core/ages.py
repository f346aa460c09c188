"""Ages for people."""


def age(seconds: float) -> str:
    """Return a time in the largest unit of which there are at least two.

    >>> age(7.4), age(5 * 60), age(3 * 86_400)
    ('7 s', '5 min', '3 d')
    """
    for unit, unit_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
