"""What the tables say about every line of a corpus."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from rich.table import Table
from rich.text import Text

from bench.fuzz.corpus import Corpus, Line
from bench.fuzz.fuzzed import STREAMS
from bench.verify.compare import Report, compare, read_prototypes
from bench.verify.recompute import Bounds, recompute
from bench.verify.recompute.validation import read_item
from bench.verify.recompute.weighing import Vectors

EXAMPLES = 5
REASONS = frozenset(
    {
        *("not_utf8", "not_json", "not_an_object", "null_character", "missing_field", "wrong_type"),
        *("too_long", "unknown_action", "bad_time", "time_out_of_bounds", "bad_value"),
        *("missing_target", "unreadable_key", "unreadable_text", "too_large"),
    }
)
"""As docs/contract.md lists them; `unknown_item` needs an hour."""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass
class KindCount:
    """How the lines of one kind fared."""

    lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def dead(self) -> int:
        return self.reasons.total()


@dataclass
class Verdict:
    kinds: dict[tuple[str, str], KindCount] = field(default_factory=lambda: defaultdict(KindCount))
    """By (stream, kind)."""
    faults: Counter[str] = field(default_factory=Counter)
    """Lines or rows by what is wrong with them."""
    examples: list[str] = field(default_factory=list)
    rows: Report | None = None
    """The tables against the recomputation."""

    @property
    def ok(self) -> bool:
        return not self.faults and self.rows is not None and self.rows.ok

    def fault(self, what: str, example: str, count: int = 1) -> None:
        self.faults[what] += count
        if self.faults[what] <= EXAMPLES:
            self.examples.append(f"{what}: {example}")

    def table(self) -> Table:
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
    """Every broken line is one dead letter with its bytes, every good one has its effect."""
    verdict = Verdict()
    with psycopg.connect(dsn) as db:
        found = _dead_letters(db)
        alive = _match(corpus, found, verdict)
        prototypes = read_prototypes(db, space_id)
        _check_items(db, space_id, [line for line in alive if line.stream == "items"], verdict)
    kept = set(map(id, alive))
    # A good line that only Java could not read is any dead line to the recomputation.
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
    """Reasons of the letters by stream and bytes."""
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
    """Take the letter of every broken line; the good lines that have none."""
    alive = []
    for line in corpus.lines:
        count = verdict.kinds[line.stream, line.kind]
        count.lines += 1
        letters = found.get((line.stream, line.raw))
        if line.broken:
            if not letters:
                verdict.fault("broken lines without a dead letter", _told(line))
                continue
            reason = letters.pop()
            count.reasons[reason] += 1
            if line.reason is not None and reason != line.reason:
                verdict.fault("dead letters with another reason", f"{reason}, {_told(line)}")
            if reason not in REASONS:
                verdict.fault("dead letters with a reason that is not documented", reason)
        elif letters and line.or_dead_of in letters:
            letters.remove(line.or_dead_of)
            count.reasons[line.or_dead_of] += 1
        else:
            alive.append(line)
    for (stream, raw), letters in found.items():
        if letters:
            example = f"{stream}, {letters[0]}: {raw[:200]!r}"
            verdict.fault("dead letters that nobody expects", example, len(letters))
    return alive


def _check_items(db: Connection, space_id: int, lines: list[Line], verdict: Verdict) -> None:
    """Every good item has its row, word for word, and a vector."""
    unbounded = Bounds(latest_ms=0)
    wanted = [read_item(line.raw, unbounded) for line in lines]
    stored: dict[str, str] = dict(
        db.execute(
            "SELECT i.item_id, i.title || coalesce('. ' || i.body, '') FROM interestream.items AS i"
            " JOIN interestream.item_vectors AS v USING (item_id) WHERE v.space_id = %s",
            (space_id,),
        ).fetchall()
    )
    for item in wanted:
        if stored.pop(item.item_id, None) != item.document:
            verdict.fault("good items without their row and vector", repr(item)[:200])
    for item_id in stored:
        verdict.fault("items that nobody expects", repr(item_id)[:200])


def _told(line: Line) -> str:
    return f"{line.stream}, {line.kind}: {line.raw[:200]!r}"
