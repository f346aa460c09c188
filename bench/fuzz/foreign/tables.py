"""Files of cells with broken rows, each with what must become of it by docs/cli.md."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.fuzz.foreign.made import Record
from bench.fuzz.good import ITEM_IDS, NOON_MS, PLAIN_ITEMS, Maker

COLUMNS = ("id", "user", "item", "what", "at", "stars", "note")
UNREADABLE = "unreadable_row"
MAPPING = """
name = "table"

[events]
file = "{file}"
format = "{format}"
encoding = "utf-8"
{quote}order = "file"
event_id = "id"
user_id = "user"
item_id = "item"
action = "what"
time = "at"
time_unit = "ms"
value = {{ column = "stars", decimal = "," }}
context = ["note"]

[events.actions]
looked = "view"
liked = "like"
scrolled = "_ignore"
"""


@dataclass(frozen=True)
class Row:
    """Lines of a file and what must become of them, at most one record.

    `good` is a record of the contract. A dead letter has a `reason`; `raw` are its bytes where the
    row could not be read, and None where it was mapped, since its bytes are those of the event
    then. A row of neither is left out.
    """

    lines: bytes
    good: Record | None = None
    reason: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True)
class Table:
    """A file, and the rows in it."""

    content: bytes
    rows: tuple[Row, ...] = field(repr=False)


Cells = dict[str, str]
Kind = Callable[[Maker, str], Row]


def cells(maker: Maker) -> tuple[Cells, Record]:
    """The cells of a good row, and its event."""
    row = {
        "id": f"t-{maker.number()}",
        "user": maker.user(),
        "item": maker.rng.choice(ITEM_IDS[:PLAIN_ITEMS]),
        "what": "looked",
        "at": str(NOON_MS + maker.rng.randrange(86_400_000)),
        "stars": "",
        "note": maker.words(2),
    }
    event = {
        "event_id": row["id"],
        "user_id": row["user"],
        "action": "view",
        "event_time": int(row["at"]),
        "item_id": row["item"],
        "context": {"note": row["note"]},
    }
    return row, event


def written(row: Cells, form: str) -> bytes:
    """A row without a line end; where there are quotes, cells that need them have them."""
    if form == "tsv":
        return "\t".join(row.values()).encode()
    quoted = (
        '"' + cell.replace('"', '""') + '"' if any(map(cell.__contains__, ',"\n\r')) else cell
        for cell in row.values()
    )
    return ",".join(quoted).encode()


def good(maker: Maker, form: str) -> Row:
    """A good row, also with the line end of Windows, and with empty cells behind it."""
    row, event = cells(maker)
    separator = b"\t" if form == "tsv" else b","
    end = maker.rng.choice((b"", b"", b"\r", separator * 2, separator))
    return Row(written(row, form) + end, event)


def odd(maker: Maker, form: str) -> Row:
    """A good row with signs that are no ends of rows or cells."""
    row, event = cells(maker)
    notes = ['5" disk', "a\u2028b\x85c\x0bd\x0ce", "it's", "\\", "\ufeff", "a;b|c::d", "#"]
    if form == "csv":
        notes += ["a,b", 'say ""', "one\ntwo", "one\r\ntwo,three", '"', "x" * 30_000]
    row["note"] = maker.rng.choice(notes) + maker.words(1)
    event["context"] = {"note": row["note"]}
    return Row(written(row, form), event)


def read_otherwise(maker: Maker, form: str) -> Row:
    """A good row whose cells are written in a way that the mapping knows."""
    row, event = cells(maker)
    name, text, key, value = maker.rng.choice(
        (
            ("stars", "3,5", "value", 3.5),
            ("stars", "€ 1.234,5", "value", 1234.5),
            ("user", "  ada ", "user_id", "ada"),
            ("user", "007", "user_id", "007"),
            ("what", "liked", "action", "like"),
            ("at", "2025-06-15T12:00:00Z", "event_time", "2025-06-15T12:00:00Z"),
        )
    )
    row[name] = text
    return Row(written(row, form), {**event, key: value})


def wrong_cell(maker: Maker, form: str) -> Row:
    """A row with a cell that its field cannot be."""
    row, _ = cells(maker)
    name, text, reason = maker.rng.choice(
        (
            *[("user", text, "missing_field") for text in ("", "  ")],
            *[("what", text, "unknown_action") for text in ("poked", "LOOKED", "looked ", "NULL")],
            ("what", "", "missing_field"),
            ("item", "", "missing_target"),
            ("at", "", "missing_field"),
            *[("at", text, "bad_time") for text in ("soon", "01.02.2024", "1_750_000_000_000")],
            *[("at", text, "time_out_of_bounds") for text in ("0", "-1", "1750000000")],
            *[("stars", text, "bad_value") for text in ("3.5", "five", "nan", "1_0", "4/5")],
            *[(name, "x" * 257, "too_long") for name in ("id", "user", "item")],
            *[(name, "a\0b", "null_character") for name in ("id", "user", "note")],
            ("note", "x" * 70_000, "too_large"),
            ("note", "日" * 100_000, "too_large"),
        )
    )
    row[name] = text
    return Row(written(row, form), reason=reason)


def left_out(maker: Maker, form: str) -> Row:
    """A row that is none, or whose action the mapping leaves out."""
    separator = b"\t" if form == "tsv" else b","
    if maker.rng.random() < 0.3:
        row, _ = cells(maker)
        return Row(written({**row, "what": "scrolled", "user": ""}, form))
    return Row(maker.rng.choice((b"", b"  ", b"\r", separator * 6, separator * 9)))


def unreadable(maker: Maker, form: str) -> Row:
    """A row that is not well-formed; it costs no other one."""
    row, _ = cells(maker)
    separator = b"\t" if form == "tsv" else b","
    plain = separator.join(cell.encode() for cell in row.values())
    wrong = [
        plain.rpartition(separator)[0],
        plain.partition(separator)[0],
        plain + separator + b"more",
        separator + plain,
        plain + b"\r" + plain,
        b"\xff" + plain,
        plain + b"\xe9",
        plain.replace(b"looked", b"\xed\xa0\x80"),
        separator.join(name.encode() for name in COLUMNS),
        plain[: maker.rng.randrange(1, 10)] + b"\xfe\xff" + b"\0" * 9,
    ]
    if form == "csv":
        head = plain.rpartition(separator)[0]
        wrong += [
            head + b',"' + maker.words(2).encode(),
            b'"' + plain,
            head + b',"a" b',
            head + b',"a \\" b"',
            head + b',"a""" b',
            b'"a" ' + plain,
            head + b',"' + b"x" * 200_000,
        ]
    raw = maker.rng.choice(wrong)
    return Row(raw, reason=UNREADABLE, raw=raw)


KINDS: Mapping[str, tuple[Kind, float]] = {
    "good": (good, 4),
    "odd": (odd, 3),
    "read otherwise": (read_otherwise, 2),
    "wrong cell": (wrong_cell, 4),
    "left out": (left_out, 1),
    "unreadable": (unreadable, 5),
}


def build_table(seed: int, count: int, form: str) -> Table:
    """A file in the format csv or tsv with so many rows, of which the first ones are good.

    The same seed gives the same bytes.
    """
    maker = Maker(seed)
    names, weights = list(KINDS), [weight for _, weight in KINDS.values()]
    rows = [good(maker, form) for _ in range(3)]
    rows += [KINDS[maker.rng.choices(names, weights)[0]][0](maker, form) for _ in range(count)]
    separator = "\t" if form == "tsv" else ","
    start = b"\xef\xbb\xbf" if maker.rng.random() < 0.5 else b""
    lines = [start + separator.join(COLUMNS).encode(), *(row.lines for row in rows)]
    return Table(b"\n".join(lines) + b"\n", tuple(rows))


def mapping(file: str, form: str) -> str:
    """The mapping of such a file, in TOML."""
    quote = 'quote = ""\n' if form == "tsv" else ""
    return MAPPING.format(file=file, format=form, quote=quote)
