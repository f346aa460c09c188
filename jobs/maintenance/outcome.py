"""What a run of maintenance did, kind by kind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Removed:
    """What of one kind was removed, or would be."""

    count: int
    """Rows of its table; spaces, files or folders of others."""
    unit: str
    """What is counted: rows, spaces, folders, files, vectors."""
    names: tuple[str, ...] = ()
    """What went, where there are few of them."""
    freed_bytes: int | None = None
    """Of files; None where Postgres knows alone."""
    written: int | None = None
    """Rows that the run has written; None for a kind that writes none."""
    vacuum: dict[str, int] | None = None
    """By table, the rows that a vacuum has to clear away."""


@dataclass(frozen=True)
class Done:
    """A kind, its setting, and what became of it."""

    kind: str
    setting: str
    """Key of the configuration; empty for what nobody wants to keep."""
    removed: Removed | None
    """None where it did not work."""
    problem: str = ""
    """Why it did not work, in one sentence."""


@dataclass(frozen=True)
class Report:
    """A whole run."""

    dry_run: bool
    done: tuple[Done, ...]
    off: tuple[str, ...]
    """Keys that are 0, or whose folder the configuration does not name."""

    @property
    def complete(self) -> bool:
        """Whether every kind worked."""
        return not any(each.problem for each in self.done)

    @property
    def hints(self) -> list[str]:
        """What a person may do afterwards."""
        rows: dict[str, int] = {}
        for each in self.done:
            for table, count in ((each.removed and each.removed.vacuum) or {}).items():
                rows[table] = rows.get(table, 0) + count
        if self.dry_run:
            return []
        return [
            f"{count:,} rows of interestream.{table} wait for a vacuum, which autovacuum does by"
            f" itself: VACUUM (ANALYZE) interestream.{table}; as its owner does it now"
            for table, count in rows.items()
            if count >= MANY_ROWS
        ]


MANY_ROWS = 10_000
"""Fewer removed rows are not worth a hint."""
