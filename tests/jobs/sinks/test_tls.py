"""Postgres over TLS: the server's certificate is checked, and the job's own is asked for."""

import shutil
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from jobs.config import Database
from jobs.errors import PostgresUnreachableError
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.database_errors import describe_error
from tests.fixtures.certificates import make_authority
from tests.fixtures.tls_pooler import TlsPooler


def test_the_job_writes_over_tls_with_its_certificate(tls_pooler: TlsPooler, dsn: str) -> None:
    job = RetryingConnection(Database(dsn=SecretStr(tls_pooler.dsn_of(dsn))))
    job.run(lambda db: db.execute("DELETE FROM interestream.users").close())
    job.close()
    with psycopg.connect(tls_pooler.dsn_of(dsn)) as db:
        assert db.pgconn.ssl_in_use


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "127.0.0.1"}, "does not match host name"),
        ({"sslcert": "", "sslkey": ""}, "certificate"),
        ({"sslmode": "disable", "sslrootcert": ""}, "SSL"),
        ({"password": "wrong"}, "password"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    tls_pooler: TlsPooler, dsn: str, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect(tls_pooler.dsn_of(dsn, **changed))
    assert said in describe_error(raised.value)
    assert tls_pooler.password not in describe_error(raised.value)


def test_a_server_of_another_authority_is_not_trusted(
    tls_pooler: TlsPooler, dsn: str, tmp_path: Path
) -> None:
    other = make_authority(tmp_path).certificate
    wrong = Database(dsn=SecretStr(tls_pooler.dsn_of(dsn, sslrootcert=str(other))), patience_s=0.1)
    with pytest.raises(PostgresUnreachableError, match="certificate verify failed") as raised:
        RetryingConnection(wrong).run(lambda db: None)
    assert tls_pooler.password not in str(raised.value)


def test_the_password_may_come_from_a_file_of_libpq(
    tls_pooler: TlsPooler, dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"localhost:{tls_pooler.port}:*:{tls_pooler.user}:{tls_pooler.password}\n")
    file.chmod(0o600)
    psycopg.connect(tls_pooler.dsn_of(dsn, password="", passfile=str(file))).close()
    shutil.copy(file, tmp_path / "open")
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(tls_pooler.dsn_of(dsn, password="", passfile=str(tmp_path / "open")))
