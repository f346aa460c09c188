"""The bytes of a file, decompressed where its content says that it is compressed."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from jobs.datasets.errors import DatasetFileError

ENDINGS = frozenset({".gz", ".zst", ".zstd", ".bz2", ".xz", ".zip"})
READ_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)
"""What reading a file that is cut off or damaged raises, beside DatasetFileError."""
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}
_BZIP2 = (b"1AY&SY", b"\x17rE8P\x90")
# Small, because so few bytes can decompress to a hundred megabytes.
_ZSTD_BLOCK = 4_096


@contextlib.contextmanager
def plain_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read its plain bytes: gzip, Zstandard, bzip2, xz, and a zip of one file.

    Raises DatasetFileError for an archive of several files; one of READ_ERRORS here or at a read
    where the file is damaged.
    """
    with contextlib.ExitStack() as resources:
        raw = resources.enter_context(path.open("rb"))
        match _compression(raw):
            case "gzip":
                yield cast(BinaryIO, resources.enter_context(gzip.GzipFile(fileobj=raw)))
            case "zstd":
                yield io.BufferedReader(_Zstandard(raw, path))
            case "bzip2":
                yield cast(BinaryIO, resources.enter_context(bz2.BZ2File(raw)))
            case "xz":
                yield cast(BinaryIO, resources.enter_context(lzma.LZMAFile(raw)))
            case "zip":
                archive = resources.enter_context(zipfile.ZipFile(raw))
                member = _only_member(archive, path)
                yield cast(BinaryIO, resources.enter_context(archive.open(member)))
            case _:
                yield raw


def is_compressed(path: Path) -> bool:
    """Whether the bytes of a file are not its plain bytes."""
    with path.open("rb") as raw:
        return _compression(raw) is not None


def _compression(raw: BinaryIO) -> str | None:
    start = raw.read(10)
    raw.seek(0)
    if start.startswith(b"BZh"):
        return "bzip2" if start[4:] in _BZIP2 else None
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    names = archive.namelist()
    if "xl/workbook.xml" in names:
        raise DatasetFileError(f"{path} is an Excel workbook: save its sheet as CSV (UTF-8)")
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise DatasetFileError(f"{path} is an archive of {len(members)} files: unpack it")
    return members[0]


class _Zstandard(io.RawIOBase):
    """Reads frames of Zstandard; a last frame without its end raises EOFError, as gzip does."""

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        try:
            import zstandard  # noqa: PLC0415
        except ImportError as error:
            raise DatasetFileError(
                f"{path} needs a package: pip install 'interestream[job]'"
            ) from error
        self._raw = raw
        self._make = zstandard.ZstdDecompressor(max_window_size=1 << 31)
        self._error = zstandard.ZstdError
        self._frame = self._make.decompressobj()
        self._left = b""
        self._begun = False
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._plain:
            block = self._left or self._raw.read(_ZSTD_BLOCK)
            self._left = b""
            if not block:
                if self._begun:
                    raise EOFError("the compressed data ends before its end mark")
                return 0
            self._begun = True
            try:
                self._plain = memoryview(self._frame.decompress(block))
            except self._error as error:
                raise EOFError(str(error)) from error
            if self._frame.eof:
                self._left = self._frame.unused_data
                self._frame = self._make.decompressobj()
                self._begun = False
        count = min(len(buffer), len(self._plain))
        buffer[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count
