"""Times as a person reads them, in UTC."""

from datetime import UTC, datetime

from jobs.serve.page.numbers import NOTHING


def moment(value: datetime | None) -> str:
    """Return date and minute in UTC.

    >>> moment(datetime(2026, 3, 1, 12, 5, 59, tzinfo=UTC))
    '2026-03-01 12:05'
    """
    return NOTHING if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def ago(seconds: float | None) -> str:
    """Return how long something is ago, or takes.

    >>> [ago(each) for each in (0.214, 7, 95, 7300, 200000, -3, None)]
    ['0.2 s', '7 s', '2 min', '2 h', '2 days', '0 s', '–']
    """
    if seconds is None:
        return NOTHING
    seconds = max(float(seconds), 0.0)
    if 0 < seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"
