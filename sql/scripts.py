"""The SQL files on disk: found, checked, and run as they stand."""

import re
from collections import Counter
from pathlib import Path

import psycopg

from sql.errors import FunctionFileError

# A line that grants to our roles or revokes from them.
_GRANT_LINE = re.compile(
    r"^(GRANT\b[^;]*\bTO|REVOKE\b[^;]*\bFROM) interestream_[^;]*;", re.MULTILINE
)


def migration_files(root: Path) -> list[Path]:
    """`migrations/*.sql` under `root`, in the order in which they are applied."""
    return sorted((root / "migrations").glob("*.sql"))


def function_files(root: Path) -> list[Path]:
    """`functions/*/*.sql` under `root`, by name: one function each, named after its file.

    Raises FunctionFileError for two files of one name, which would replace each other's function,
    and for a file outside the folders, which would be passed over in silence.
    """
    folder = root / "functions"
    stray = sorted(file.name for file in folder.glob("*.sql"))
    if stray:
        raise FunctionFileError(
            f"functions/{stray[0]} lies in none of the folders of functions/: move it into one"
        )
    files = sorted(folder.glob("*/*.sql"), key=lambda file: (file.name, file.parent.name))
    for name, count in Counter(file.name for file in files).items():
        if count > 1:
            places = ", ".join(written_as(file) for file in files if file.name == name)
            raise FunctionFileError(
                f"{places}: a function has one file, rename or remove {count - 1} of these"
            )
    return files


def written_as(file: Path) -> str:
    """The path of a function's file for a person: `functions/ask/recommend.sql`."""
    return "/".join(file.parts[-3:])


def run(connection: psycopg.Connection, statements: str) -> None:
    """Run the statements of a file; nothing is put into them."""
    connection.execute(statements.encode())


def without_grants(statements: str) -> str:
    """The statements of a file without those that need the roles, for a database without them."""
    return _GRANT_LINE.sub("", statements)
