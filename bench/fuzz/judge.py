"""Checks in the tables what became of every line of a corpus."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from rich.table import Table
from rich.text import Text

from bench.fuzz.corpus import Corpus, Line
from bench.fuzz.fuzzed import STREAMS
from bench.verify.compare import Report, compare, read_prototypes
from bench.verify.recompute import Bounds, recompute
from bench.verify.recompute.validation import Item, read_item
from bench.verify.recompute.weighing import Vectors

EXAMPLES = 5
REASONS = frozenset(
    {
        *("not_utf8", "not_json", "not_an_object", "null_character", "missing_field", "wrong_type"),
        *("too_long", "unknown_action", "bad_time", "time_out_of_bounds", "bad_value"),
        *("missing_target", "unreadable_key", "unreadable_text", "too_large"),
        "bad_merge",
    }
)
"""The reasons in docs/contract.md; without `unknown_item`, which takes an hour."""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass
class KindCount:
    """The lines of one kind, and their dead letters by reason."""

    lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def dead(self) -> int:
        """Number of dead letters."""
        return self.reasons.total()


@dataclass
class Verdict:
    """Everything that the check found."""

    kinds: dict[tuple[str, str], KindCount] = field(default_factory=lambda: defaultdict(KindCount))
    """By (stream, kind)."""
    faults: Counter[str] = field(default_factory=Counter)
    """Number of lines or rows by kind of fault."""
    examples: list[str] = field(default_factory=list)
    rows: Report | None = None
    """The comparison of all rows with a recomputation."""

    @property
    def ok(self) -> bool:
        """Whether every line became what it must."""
        return not self.faults and self.rows is not None and self.rows.ok

    def fault(self, what: str, example: str, count: int = 1) -> None:
        """Count faults of a kind, and keep the first examples."""
        self.faults[what] += count
        if self.faults[what] <= EXAMPLES:
            self.examples.append(f"{what}: {example}")

    def table(self) -> Table:
        """A table of the kinds, with the reasons of their dead letters."""
        table = Table("stream", "kind", title="Kinds and reasons", title_justify="left")
        for name in ("lines", "good", "dead"):
            table.add_column(name, justify="right")
        table.add_column("reasons", overflow="fold")
        for (stream, kind), count in sorted(self.kinds.items()):
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in count.reasons.most_common())
            table.add_row(
                stream,
                kind,
                f"{count.lines:,}",
                f"{count.lines - count.dead:,}",
                f"{count.dead:,}",
                Text(reasons),
            )
        return table


def judge(
    corpus: Corpus, dsn: str, space_id: int, vectors: Vectors, now_ms: int, bounds: Bounds
) -> Verdict:
    """Check that every broken line is one dead letter, and that every good line has its effect.

    `now_ms` and `bounds` are those with which the corpus was made; `vectors` encodes texts.
    """
    verdict = Verdict()
    with psycopg.connect(dsn) as db:
        found = _dead_letters(db)
        accepted = _match(corpus, found, verdict)
        _check_owners(corpus, _letters_of_owners(db), verdict)
        prototypes = read_prototypes(db, space_id)
        _check_items(db, space_id, [line for line in accepted if line.stream == "items"], verdict)
    kept = set(map(id, accepted))
    # A good line that Java could not read is replaced by an empty line, which is a dead letter.
    of = {
        stream: [line.raw if line.broken or id(line) in kept else b"" for line in corpus.of(stream)]
        for stream in STREAMS
    }
    expected = recompute(
        of["items"],
        of["events"],
        of["control"],
        vectors=vectors,
        now_ms=now_ms,
        bounds=bounds,
        prototypes=prototypes,
    )
    verdict.rows = compare(expected, dsn, space_id)
    return verdict


def _dead_letters(db: Connection) -> dict[tuple[str, bytes], list[str]]:
    """Reasons of the dead letters by (stream, bytes)."""
    found: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    with db.cursor(binary=True) as cursor:
        for stream, raw, reason in cursor.execute(
            "SELECT stream, raw, reason FROM interestream.dead_letters"
        ):
            found[stream, bytes(raw)].append(reason)
    return found


def _match(
    corpus: Corpus, found: dict[tuple[str, bytes], list[str]], verdict: Verdict
) -> list[Line]:
    """Remove the dead letter of every broken line from `found`; the good lines without one."""
    accepted = []
    for line in corpus.lines:
        count = verdict.kinds[line.stream, line.kind]
        count.lines += 1
        reasons = found.get((line.stream, line.stored))
        if line.broken:
            if not reasons:
                verdict.fault("broken lines without a dead letter", _described(line))
                continue
            reason = reasons.pop()
            count.reasons[reason] += 1
            if line.reason is not None and reason != line.reason:
                verdict.fault("dead letters with another reason", f"{reason}, {_described(line)}")
            if reason not in REASONS:
                verdict.fault("dead letters with a reason that is not documented", reason)
        elif reasons and line.allowed_reason in reasons:
            reasons.remove(line.allowed_reason)
            count.reasons[line.allowed_reason] += 1
        else:
            accepted.append(line)
    for (stream, raw), reasons in found.items():
        if reasons:
            example = f"{stream}, {reasons[0]}: {raw[:200]!r}"
            verdict.fault("dead letters not expected", example, len(reasons))
    return accepted


def _letters_of_owners(db: Connection) -> Counter[tuple[str, bytes, str | None]]:
    """Number of dead letters by (stream, bytes, user or item)."""
    with db.cursor(binary=True) as cursor:
        rows = cursor.execute(
            "SELECT stream, raw, coalesce(user_id, item_id) FROM interestream.dead_letters"
        )
        return Counter((stream, bytes(raw), owner) for stream, raw, owner in rows)


def _check_owners(
    corpus: Corpus, found: Mapping[tuple[str, bytes, str | None], int], verdict: Verdict
) -> None:
    """Check that dead letters carry their user or item, so that deleting one of these finds them.

    `found` is the number of dead letters by (stream, bytes, user or item).
    """
    expected = Counter(
        (line.stream, line.stored, line.owner) for line in corpus.lines if line.broken
    )
    for (stream, raw, owner), count in expected.items():
        missing = count - found.get((stream, raw, owner), 0)
        if missing > 0:
            example = f"{stream}, of {owner!r}: {raw[:200]!r}"
            verdict.fault("dead letters without their user or item", example, missing)


def _check_items(db: Connection, space_id: int, lines: list[Line], verdict: Verdict) -> None:
    """Check that every good item has its row with exactly its text, and a vector."""
    bounds = Bounds(latest_ms=0)
    records = [read_item(line.raw, bounds) for line in lines]
    items = [record for record in records if isinstance(record, Item)]
    stored: dict[str, str] = dict(
        db.execute(
            "SELECT i.item_id, i.title || coalesce('. ' || i.body, '') FROM interestream.items AS i"
            " JOIN interestream.item_vectors AS v USING (item_id) WHERE v.space_id = %s",
            (space_id,),
        ).fetchall()
    )
    for item in items:
        if stored.pop(item.item_id, None) != item.document:
            verdict.fault("good items without their row and vector", repr(item)[:200])
    for item_id in stored:
        verdict.fault("items not expected", repr(item_id)[:200])


def _described(line: Line) -> str:
    return f"{line.stream}, {line.kind}: {line.raw[:200]!r}"
