"""The server, pgvector, the schema, the role and the space, against a real Postgres."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from jobs.doctor.postgres import judge_version
from jobs.runtime.processes import free_port
from jobs.spaces.build import build_space
from model_export.publishing.publish import publish
from tests.sql.builders import add_space
from tests.sql.logins import login
from udfs.registry.registry import open_registry


def run_sql(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


@pytest.mark.parametrize(
    ("major", "level"), [(14, "fail"), (15, "ok"), (16, "ok"), (18, "ok"), (19, "warn")]
)
def test_which_versions_of_postgres_are_supported(major, level):
    assert judge_version(major, "").level == level


def test_without_a_connection_string_the_page_says_how_to_give_one(doctor):
    page = doctor.look()
    ((level, found, advice),) = page.of("PostgreSQL")
    assert (level, found) == ("fail", "no connection string is given")
    assert advice.startswith("export INTERESTREAM_DSN=")
    assert page.of("Space")[0][1].startswith("no bundle at")


@pytest.mark.parametrize("bad", ["postgresql:/hush@nowhere", "host=127.0.0.1 pasword=hush"])
def test_a_connection_string_that_cannot_be_read_is_not_repeated(doctor, bad):
    page = doctor.look(dsn=bad)
    assert page.of("PostgreSQL")[0][0] == "fail"
    assert "hush" not in page.text()


def test_a_server_that_does_not_answer_fails_without_the_password(doctor):
    page = doctor.look(dsn=f"postgresql://ada:s3cret@127.0.0.1:{free_port()}/shop")
    ((level, found, advice),) = page.of("PostgreSQL")
    assert level == "fail"
    assert found.startswith("Postgres cannot be reached (")
    assert advice == "is it running, and is the connection string right?"
    assert "s3cret" not in page.text()


def test_a_wrong_password_is_told_apart_and_not_shown(doctor, dsn):
    password = str(conninfo_to_dict(dsn)["password"])
    page = doctor.look(dsn=dsn.replace(password, "wr0ng-s3cret"))
    assert "password authentication failed" in page.of("PostgreSQL")[0][1]
    assert "wr0ng-s3cret" not in page.text()


def test_an_empty_database_needs_the_extension_and_the_schema(doctor, empty_dsn):
    page = doctor.look(dsn=empty_dsn)
    server, vector = page.of("PostgreSQL")
    assert server[0] == "ok"
    assert vector[0] == "fail"
    assert "is not created in this database" in vector[1]
    ((level, found, advice),) = page.of("Schema")
    assert (level, found) == ("fail", "this database has no schema interestream")
    assert advice == "interestream apply"
    # Without a schema there is no space to speak of; the bundle is looked for all the same.
    assert [found for _, found, _ in page.of("Space")] == [
        "no bundle at .interestream/bundles/minilm/fp32-fused-1"
    ]


def test_a_fresh_schema_is_complete_and_lacks_a_space(doctor, dsn):
    page = doctor.look(dsn=dsn)
    assert [level for level, _, _ in page.of("PostgreSQL") + page.of("Schema")] == ["ok"] * 5
    assert page.of("Space")[0] == (
        "fail",
        "no space is active",
        "interestream space create BUNDLE DATA",
    )
    assert str(conninfo_to_dict(dsn)["password"]) not in page.text()


def test_a_migration_that_is_not_applied_is_named(doctor, dsn):
    run_sql(
        dsn,
        "DELETE FROM interestream.applied_migrations WHERE name = '0008_spaces_side_by_side.sql'",
    )
    finding = doctor.look(dsn=dsn).line("migrations to apply: 0008_spaces_side_by_side.sql")
    assert (finding.level, finding.advice) == ("fail", "interestream apply")


def test_a_database_that_is_newer_than_the_package_is_told(doctor, dsn):
    run_sql(dsn, "INSERT INTO interestream.applied_migrations VALUES ('9999_later.sql', 'ab')")
    finding = doctor.look(dsn=dsn).line("the database is newer than this package: 9999_later.sql")
    assert finding.level == "fail"
    assert "pip install --upgrade interestream" in finding.advice


def test_a_migration_that_changed_is_named(doctor, dsn):
    run_sql(
        dsn,
        "UPDATE interestream.applied_migrations SET sha256 = 'ab' WHERE name = '0001_tables.sql'",
    )
    finding = doctor.look(dsn=dsn).line("read differently than when they ran: 0001_tables.sql")
    assert finding.level == "fail"


def test_functions_that_are_missing_or_old_need_apply(doctor, dsn):
    run_sql(
        dsn,
        "DROP FUNCTION interestream.similar_users",
        "CREATE OR REPLACE FUNCTION interestream.check_k(p_k integer, p_name text DEFAULT 'p_k')"
        " RETURNS void"
        " LANGUAGE sql IMMUTABLE AS 'SELECT'",
    )
    page = doctor.look(dsn=dsn)
    assert page.line("functions that are missing: similar_users").advice == "interestream apply"
    assert page.line("functions of another version: check_k").level == "fail"


@pytest.mark.parametrize(
    ("version", "level"), [("0.7.4", "fail"), ("0.8.0", "warn"), ("0.8.3", "warn"), ("0.8.4", "ok")]
)
def test_an_old_pgvector_is_a_warning_or_fails(doctor, dsn, version, level):
    run_sql(dsn, f"UPDATE pg_extension SET extversion = '{version}' WHERE extname = 'vector'")
    finding = doctor.look(dsn=dsn).line(f"pgvector {version} in the schema public")
    assert finding.level == level
    if level != "ok":
        assert finding.advice.endswith("ALTER EXTENSION vector UPDATE;")


@pytest.mark.parametrize(
    ("role", "level", "may"),
    [
        ("interestream_writer", "ok", "it may run the job"),
        ("interestream_reader", "warn", "it may ask for recommendations, and not run the job"),
        (
            "interestream_admin",
            "warn",
            "it may maintain topics, weights and spaces, and not run the job",
        ),
    ],
)
def test_what_a_member_of_a_role_may_do(doctor, dsn, role, level, may):
    with login(dsn, role) as other:
        page = doctor.look(dsn=other)
        finding = page.line(f"is a member of {role}")
        assert finding.level == level
        assert finding.found.endswith(may)
        # A reader sees no migrations; the bodies of functions are open to all.
        assert page.line("functions, as in this package").level == "ok"
        assert str(conninfo_to_dict(other)["password"]) not in page.text()


def test_a_role_without_rights_gets_the_grant_to_paste(doctor, dsn):
    with login(dsn, "pg_monitor") as other:
        finding = doctor.look(dsn=other).line("is a member of none of interestream_reader")
    assert finding.level == "fail"
    user = conninfo_to_dict(other)["user"]
    assert finding.advice.endswith(f'GRANT interestream_writer TO "{user}";')


def test_an_extension_in_a_closed_schema_fails_with_the_grant(doctor, dsn):
    run_sql(dsn, "CREATE SCHEMA closed", "ALTER EXTENSION vector SET SCHEMA closed")
    with login(dsn, "interestream_writer") as other:
        finding = doctor.look(dsn=other).line("in the schema closed, which login_")
    assert finding.level == "fail"
    assert 'GRANT USAGE ON SCHEMA "closed" TO "login_' in finding.advice


def test_the_bundle_of_the_space_is_opened(doctor, dsn, bundle_dir):
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "One about chess"], sample=2)
    space, bundle = doctor.look(f"encoder.bundle={bundle_dir}", dsn=dsn).of("Space")
    assert space[:2] == ("ok", f"space {space_id} is active: minilm@fp32-fused-1, 384 dimensions")
    assert bundle[0] == "ok"
    assert bundle[1].endswith("fits its hashes and is that of the space; it was opened")


def test_a_space_of_another_dimension_does_not_fit_the_bundle(doctor, dsn, bundle_dir):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
    level, found, _ = doctor.look(f"encoder.bundle={bundle_dir}", dsn=dsn).of("Space")[1]
    assert level == "fail"
    assert "gives vectors of 384 numbers, the tables of space 1 hold 8" in found
    _, found, advice = doctor.look("encoder.bundle=/nowhere", dsn=dsn).of("Space")[1]
    assert found == "no bundle at /nowhere"
    assert "--set encoder.bundle=mini@space" in advice


def test_another_space_can_be_asked_for(doctor, dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        second = add_space(db, dim=4, sha256="bb")
    assert doctor.look(dsn=dsn, space=second).of("Space")[0][1] == (
        f"space {second} exists and is not active: mini@1, 4 dimensions"
    )
    assert doctor.look(dsn=dsn, space=9).of("Space")[0][:2] == ("fail", "there is no space 9")


def test_a_reference_needs_a_registry_and_a_space(doctor, dsn, bundle_dir, tmp_path):
    page = doctor.look("encoder.bundle=minilm@space")
    assert page.line("encoder.bundle is minilm@space, which needs a space").level == "warn"
    build_space(dsn, bundle_dir, ["A book about tea", "One about chess"], sample=2)
    level, found, advice = doctor.look("encoder.bundle=minilm@space", dsn=dsn).of("Space")[1]
    assert (level, found) == ("fail", "no registry")
    assert "INTERESTREAM_REGISTRY" in advice
    publish(bundle_dir, open_registry(tmp_path / "registry"))
    settings = ["encoder.bundle=minilm@space", f"encoder.registry={tmp_path / 'registry'}"]
    assert doctor.look(*settings, dsn=dsn).of("Space")[1][0] == "ok"
