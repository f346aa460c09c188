"""The beginning of a file: whether it is text, in which encoding, and with which line ends."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from jobs.datasets.errors import DatasetFileError
from jobs.datasets.reading.plain_bytes import READ_ERRORS, plain_bytes

SIZE = 1 << 20
"""Bytes that are looked at."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"SQLite format 3\0": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office document: save its sheet as CSV (UTF-8)",
    b"Obj\x01": "an Avro file: convert it to Parquet or JSON lines",
    b"ARROW1": "an Arrow file: convert it to Parquet",
    b"\x1f\x8b": "compressed twice",
    b"\x7fELF": "a program",
    b"{\\rtf": "an RTF document",
}
_CONTROLS = bytes({*range(32)} - {9, 10, 12, 13, 27})
_PAGES = ("<!doctype html", "<html", "<?xml")
PARQUET = b"PAR1"


@dataclass(frozen=True)
class Sample:
    """The first bytes of a file, and whether they are all of it."""

    path: Path
    head: bytes
    whole: bool

    @property
    def is_parquet(self) -> bool:
        """Whether the file is one of Parquet."""
        return self.head.startswith(PARQUET)

    def text(self, encoding: str) -> str:
        """The text of all whole lines, of which bytes that cannot be read are replaced."""
        found = self.head.decode(encoding, "replace")
        last = -1 if self.whole else max(found.rfind("\n"), found.rfind("\r"))
        return found if last < 0 else found[: last + 1]


def read_sample(path: Path) -> Sample:
    """Read the beginning of a file; of a damaged one, what can be read of it.

    Raises DatasetFileError for what is no file of rows, or where nothing can be read.
    """
    head = bytearray()
    try:
        with plain_bytes(path) as stream:
            while len(head) < SIZE and (block := stream.read(min(SIZE - len(head), 1 << 16))):
                head += block
            whole = len(head) < SIZE
    except READ_ERRORS as error:
        if not head:
            raise DatasetFileError(f"cannot read {path}: {error}") from error
        whole = False
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise DatasetFileError(f"{path} is {name}, and holds no rows that can be read")
    if head[257:262] == b"ustar":
        raise DatasetFileError(f"{path} is an archive (tar): unpack it")
    if head[:64].lstrip().lower().decode("latin-1").startswith(_PAGES):
        raise DatasetFileError(f"{path} is a web page or XML, and holds no rows that can be read")
    return Sample(path, bytes(head), whole)


def find_encoding(sample: Sample, said: str | None) -> str:
    """The encoding of a text: that of its mark, the one that was said, or UTF-8.

    Raises DatasetFileError where the beginning is no text of it, and names what to say.
    """
    head = sample.head
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        return marked
    if said in ("utf-16", "utf-32"):
        is_wide = 0 in head[:4096]
        hint = f'say encoding = "{said}-le" or "{said}-be"' if is_wide else "leave encoding out"
        raise DatasetFileError(f"{sample.path} has no byte order mark, which {said} needs: {hint}")
    if said is not None:
        return said
    if (nulls := head[:4096].count(0)) and nulls * 10 > len(head[:4096]):
        wide = {1: "utf-16-le", 0: "utf-16-be"}
        odd = head[1:4096:2].count(0)
        guess = wide[int(odd > nulls - odd)]
        raise DatasetFileError(
            f'{sample.path} is no text in ASCII or UTF-8: if it is UTF-16, say encoding = "{guess}"'
        )
    start = head[:4096]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    # One of them may separate the cells, as \x01 does where Hive wrote the file.
    controls -= max(start.count(one) for one in _CONTROLS if one)
    if controls > 0.1 * len(start):
        raise DatasetFileError(f"{sample.path} is no text, and no format that can be read")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=sample.whole)
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
        begin = max(head.rfind(b"\n", 0, error.start) + 1, error.start - 12)
        around = head[begin : error.start + 12].split(b"\n")[0].decode("cp1252", "replace")
        raise DatasetFileError(
            f"{sample.path} is not UTF-8: line {line} has the byte 0x{head[error.start]:02x}. Say"
            f' encoding = "cp1252" if {around.strip()!r} is right ("latin-1" and others exist), or'
            ' encoding = "utf-8" to make such rows dead letters'
        ) from error
    return "utf-8"
