"""Takes the password of a connection string out of texts of others."""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict

_IN_URL = re.compile(r"(postgres(?:ql)?://[^\s:/@]*):[^\s@]*@")
_IN_PAIRS = re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)")


def without_password(text: str, dsn: str) -> str:
    """Return `text` without the password of `dsn`, and without those of other connection strings.

    A password that is also the user's, the host's or the database's name is only hidden within
    connection strings.

    >>> without_password("no: postgresql://ada:s3cret@db/x (s3cret)", "postgresql://ada:s3cret@db")
    'no: postgresql://ada:***@db/x (***)'
    >>> without_password("role ada: password=ada", "postgresql://ada:ada@db")
    'role ada: password=***'
    """
    text = _IN_PAIRS.sub(r"\1***", _IN_URL.sub(r"\1:***@", text))
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return text.replace(dsn, "***") if dsn else text
    password = str(parts.get("password") or "")
    if password and password not in {parts.get(key) for key in ("user", "host", "dbname")}:
        text = re.sub(rf"(?<!\w){re.escape(password)}(?!\w)", "***", text)
    return text
