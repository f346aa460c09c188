"""apply(): once, in order, frozen; and an upgraded database equals a fresh one."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import typer
from typer.testing import CliRunner

import sql.apply
import sql.prerequisites
from jobs.local.postgres import binaries
from sql.apply import HERE, apply
from sql.errors import (
    ExtensionMissingError,
    FunctionFileError,
    LockedError,
    MigrationChangedError,
    MigrationOrderError,
)

FUNCTION = """
CREATE OR REPLACE FUNCTION interestream.{name}({arguments}) RETURNS {returns}
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {body} $$;
COMMENT ON FUNCTION interestream.{name} IS 'For a test.';
GRANT EXECUTE ON FUNCTION interestream.{name} TO interestream_reader;
"""


def write_function(
    root: Path,
    name: str,
    arguments: str = "",
    returns: str = "integer",
    body: str = "1",
    *,
    folder: str = "ask",
) -> None:
    content = FUNCTION.format(name=name, arguments=arguments, returns=returns, body=body)
    (root / "functions" / folder / f"{name}.sql").write_text(content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the project's own files that a test may change."""
    shutil.copytree(HERE, tmp_path / "sql", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "sql"


def dump(dsn: str) -> str:
    done = subprocess.run(
        [str(binaries() / "pg_dump"), "--schema-only", f"--dbname={dsn}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return "\n".join(line for line in done.stdout.splitlines() if "restrict" not in line)


def functions(dsn: str) -> dict[str, str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT proname, oid::regprocedure::text FROM pg_proc "
            "WHERE pronamespace = 'interestream'::regnamespace"
        ).fetchall()
        assert len(dict(rows)) == len(rows)
        return dict(rows)


def test_a_second_run_changes_nothing(empty_dsn):
    first = apply(empty_dsn)
    before = dump(empty_dsn)
    second = apply(empty_dsn)
    assert first.migrations
    assert second.migrations == ()
    assert second.functions == first.functions
    assert second.dropped == ()
    assert dump(empty_dsn) == before


def test_an_upgraded_install_equals_a_fresh_one(dsn, empty_dsn, root):
    for migration in sorted((root / "migrations").glob("*.sql"))[1:]:
        migration.unlink()
    for function in (root / "functions").glob("*/*.sql"):
        function.unlink()
    (root / "grants.sql").unlink()
    write_function(root, "recommend", "p_user text", "text", "p_user")
    write_function(root, "check_k", "k integer", "integer", "k")
    write_function(root, "gone_since", "", "integer", "1")
    apply(empty_dsn, root=root)
    report = apply(empty_dsn)
    assert report.dropped == ("check_k(integer)", "gone_since()", "recommend(text)")
    assert dump(empty_dsn) == dump(dsn)


def test_an_edited_migration_is_refused_and_nothing_else_is_done(empty_dsn, root):
    apply(empty_dsn, root=root)
    first = sorted((root / "migrations").glob("*.sql"))[0]
    first.write_text(first.read_text() + "\n-- an afterthought\n")
    write_function(root, "brand_new")
    with pytest.raises(MigrationChangedError) as caught:
        apply(empty_dsn, root=root)
    message = str(caught.value)
    assert first.name in message
    assert len(set(re.findall(r"[0-9a-f]{64}", message))) == 2
    assert "brand_new" not in functions(empty_dsn)


def test_a_migration_that_sorts_before_an_applied_one_is_refused(empty_dsn, root):
    apply(empty_dsn, root=root)
    (root / "migrations" / "0000_late.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationOrderError):
        apply(empty_dsn, root=root)


def test_code_older_than_the_database_is_refused(empty_dsn, root):
    apply(empty_dsn, root=root)
    sorted((root / "migrations").glob("*.sql"))[-1].unlink()
    with pytest.raises(MigrationOrderError):
        apply(empty_dsn, root=root)


def test_a_broken_migration_leaves_the_database_as_it_was(empty_dsn, root):
    (root / "migrations" / "9999_broken.sql").write_text(
        "CREATE TABLE interestream.x (a nonsense);"
    )
    with pytest.raises(psycopg.errors.UndefinedObject):
        apply(empty_dsn, root=root)
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT to_regnamespace('interestream')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("arguments", "returns", "body"),
    [
        ("a integer", "integer", "a + 1"),
        ("a integer", "text", "a::text"),
        ("b integer", "integer", "b"),
        ("a text", "integer", "1"),
        ("a integer, b integer", "integer", "a"),
        ("", "integer", "1"),
    ],
)
def test_a_changed_signature_takes_the_place_of_the_old_one(
    empty_dsn, root, arguments, returns, body
):
    write_function(root, "changing", "a integer", "integer", "a")
    write_function(root, "uses_it", "", "integer", "1")
    apply(empty_dsn, root=root)
    write_function(root, "changing", arguments, returns, body)
    apply(empty_dsn, root=root)
    types = ",".join(word.split()[1] for word in arguments.split(", ") if word)
    assert functions(empty_dsn)["changing"].endswith(f"changing({types})")


def test_a_view_keeps_a_function_whose_signature_changes(empty_dsn, root):
    write_function(root, "changing", "a integer DEFAULT 2", body="a")
    apply(empty_dsn, root=root)
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("CREATE VIEW theirs AS SELECT interestream.changing() AS given")
    for body in ("a + b", "a * b"):
        write_function(root, "changing", "a integer DEFAULT 3, b integer DEFAULT 10", body=body)
        report = apply(empty_dsn, root=root)
        with psycopg.connect(empty_dsn) as connection:
            # Its own defaults and the new function's.
            expected = 12 if body == "a + b" else 20
            assert connection.execute("SELECT given FROM theirs").fetchone() == (expected,)
            rights = "SELECT has_function_privilege(%s, 'interestream.kept_changing(integer)', %s)"
            for role, may in (("interestream_reader", True), ("interestream_writer", False)):
                assert connection.execute(rights, [role, "EXECUTE"]).fetchone() == (may,)
    assert report.dropped == ()
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("DROP VIEW theirs")
    assert apply(empty_dsn, root=root).dropped == ("kept_changing(integer)",)


def test_a_function_that_goes_for_good_is_refused_while_a_view_stands_on_it(empty_dsn, root):
    write_function(root, "going")
    apply(empty_dsn, root=root)
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("CREATE VIEW theirs AS SELECT interestream.going() AS given")
    (root / "functions/ask/going.sql").unlink()
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        apply(empty_dsn, root=root)


def test_the_order_of_the_files_does_not_matter(empty_dsn, root):
    write_function(root, "a_caller", "", "integer", "interestream.z_called()")
    write_function(root, "z_called", "", "integer", "42")
    apply(empty_dsn, root=root)
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT interestream.a_caller()").fetchone() == (42,)


def test_functions_of_other_people_in_the_schema_stay(empty_dsn):
    apply(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        connection.execute(
            "CREATE FUNCTION interestream.theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1'"
        )
    apply(empty_dsn)
    assert "theirs" in functions(empty_dsn)


def test_a_file_that_defines_another_function_is_refused(empty_dsn, root):
    write_function(root, "one")
    (root / "functions/ask/one.sql").rename(root / "functions/ask/two.sql")
    with pytest.raises(FunctionFileError, match=r"functions/ask/two\.sql must define"):
        apply(empty_dsn, root=root)


def test_two_files_of_one_name_are_refused(empty_dsn, root):
    write_function(root, "twice", folder="internal")
    write_function(root, "twice", "a integer", folder="spaces")
    places = r"functions/internal/twice\.sql, functions/spaces/twice\.sql: "
    with pytest.raises(FunctionFileError, match=places):
        apply(empty_dsn, root=root)
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT to_regnamespace('interestream')").fetchone() == (None,)


def test_a_function_file_outside_the_folders_is_refused(empty_dsn, root):
    write_function(root, "stray", folder=".")
    with pytest.raises(FunctionFileError, match=r"functions/stray\.sql lies in none"):
        apply(empty_dsn, root=root)


def test_a_file_that_moves_to_another_folder_keeps_its_function(empty_dsn, root):
    apply(empty_dsn, root=root)
    before = dump(empty_dsn)
    (root / "functions/internal/reason.sql").rename(root / "functions/spaces/reason.sql")
    assert apply(empty_dsn, root=root).dropped == ()
    assert dump(empty_dsn) == before


def test_every_function_says_what_it_is_and_is_not_for_everybody(db):
    rows = db.execute(
        """
        SELECT p.oid::regprocedure::text, obj_description(p.oid, 'pg_proc'),
            has_function_privilege('public', p.oid, 'EXECUTE'),
            has_function_privilege('interestream_admin', p.oid, 'EXECUTE')
        FROM pg_proc AS p WHERE p.pronamespace = 'interestream'::regnamespace
        """
    ).fetchall()
    assert {name.split("(")[0].split(".")[-1] for name, *_ in rows} == {
        file.stem for file in (HERE / "functions").glob("*/*.sql")
    }
    for name, comment, public, admin in rows:
        assert comment, name
        assert not public, name
        assert admin, name


def test_every_table_and_view_says_what_it_is(db):
    rows = db.execute(
        """
        SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class AS c
        WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        """
    ).fetchall()
    assert [name for name, comment in rows if not comment] == []


def test_every_function_has_its_test_file():
    together = {
        "nearest_topic": "user_topics",
        "topic_shares": "user_topics",
        "trending_decayed": "trending",
    }
    tests = {file.stem: file.parent.name for file in Path(__file__).parent.glob("*/test_*.py")}
    for file in (HERE / "functions").glob("*/*.sql"):
        if file.stem in together:
            assert f"test_{together[file.stem]}" in tests
        else:
            assert tests[f"test_{file.stem}"] == file.parent.name


def test_every_function_file_states_volatility_and_parallel_safety():
    for file in (HERE / "functions").glob("*/*.sql"):
        content = file.read_text()
        assert any(word in content for word in ("IMMUTABLE", "STABLE", "VOLATILE")), file.name
        assert "PARALLEL" in content, file.name
        assert "GRANT EXECUTE" in content, file.name


@pytest.mark.parametrize(
    ("role", "statement", "allowed"),
    [
        ("reader", "SELECT count(*) FROM interestream.items", True),
        ("reader", "SELECT count(*) FROM interestream.user_windows", True),
        ("reader", "SELECT count(*) FROM interestream.dead_letters", False),
        ("reader", "DELETE FROM interestream.items", False),
        ("reader", "SELECT interestream.forget_user('ann')", False),
        ("reader", "SELECT interestream.drop_space(1)", False),
        ("writer", "DELETE FROM interestream.dead_letters", True),
        ("writer", "UPDATE interestream.spaces SET active = true", False),
        ("writer", "UPDATE interestream.blend_weights SET weight = 1", False),
        ("writer", "SELECT interestream.forget_user('ann')", True),
        ("writer", "SELECT interestream.drop_space(1)", False),
        ("writer", "DROP TABLE interestream.items", False),
        ("admin", "UPDATE interestream.blend_weights SET weight = 1", True),
        ("admin", "SELECT count(*) FROM interestream.dead_letters", True),
        ("admin", "SELECT count(*) FROM interestream.applied_migrations", True),
    ],
)
def test_a_role_may_do_what_it_is_for(db, role, statement, allowed):
    db.execute(f"SET LOCAL ROLE interestream_{role}")
    if allowed:
        db.execute(statement)
    else:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


@pytest.fixture
def modest(postgres, empty_dsn):
    """(DSN of somebody who owns the database and nothing else, the superuser's DSN)."""
    name = empty_dsn.rsplit("/", 1)[1]
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE modest LOGIN PASSWORD 'modest'")
        connection.execute(f"ALTER DATABASE {name} OWNER TO modest")
        yield f"postgresql://modest:modest@127.0.0.1:{postgres.port}/{name}", empty_dsn
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute("DROP ROLE modest")
        connection.execute(f"CREATE DATABASE {name}")


def test_a_role_that_may_not_create_the_extension_is_told_whom_to_ask(modest):
    dsn, _ = modest
    with pytest.raises(ExtensionMissingError, match="superuser"):
        apply(dsn)


def test_a_role_that_may_not_create_roles_gets_the_schema_without_grants(modest, monkeypatch):
    dsn, superuser = modest
    with psycopg.connect(superuser) as connection:
        connection.execute("CREATE EXTENSION vector")
    monkeypatch.setattr(sql.prerequisites, "ROLES", ("interestream_role_that_is_missing",))
    report = apply(dsn)
    assert "CREATE ROLE interestream_role_that_is_missing NOLOGIN;" in report.warnings[0]
    assert apply(dsn).migrations == ()
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT interestream.create_space('a', '1', 'x', 1, '{0}')")


def test_an_old_pgvector_is_warned_about(empty_dsn, monkeypatch):
    monkeypatch.setattr(sql.prerequisites, "OLDEST_SAFE_VECTOR", (99, 0, 0))
    (warning,) = apply(empty_dsn).warnings
    assert "99.0.0" in warning


def test_two_runs_at_once_wait_for_each_other(dsn):
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [sql.prerequisites.LOCK_KEY])
        with pytest.raises(LockedError):
            apply(dsn, lock_timeout_s=0.1)


def test_the_command_reports_and_fails_by_exit_code(empty_dsn):
    app = typer.Typer()
    app.command()(sql.apply.main)
    done = CliRunner().invoke(app, [empty_dsn])
    assert done.exit_code == 0
    assert "migrated 0001_tables.sql" in done.output
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("UPDATE interestream.applied_migrations SET sha256 = 'other'")
    done = CliRunner().invoke(app, [empty_dsn])
    assert done.exit_code == 1
    assert "not applied" in done.output
