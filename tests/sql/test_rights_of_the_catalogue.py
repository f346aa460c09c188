"""What holds of every object of the schema, those that come tomorrow included."""

import psycopg
import pytest

ROLES = ("interestream_reader", "interestream_writer", "interestream_admin")


def found(db: psycopg.Connection, query: str) -> list[str]:
    return [name for (name,) in db.execute(query.encode()).fetchall()]


def test_functions_with_the_owners_rights_have_a_search_path_of_their_own(db):
    """Otherwise a caller's table or operator of the same name would run with the owner's rights."""
    definers = found(
        db,
        "SELECT proname FROM pg_proc WHERE prosecdef"
        " AND pronamespace = 'interestream'::regnamespace",
    )
    assert {"delete_items", "remove_users"} <= set(definers)
    loose = found(
        db,
        "SELECT proname FROM pg_proc WHERE prosecdef"
        " AND pronamespace = 'interestream'::regnamespace AND NOT EXISTS"
        " (SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%')",
    )
    assert loose == []
    # A folder in the path in which others may make objects is as bad as none.
    paths = found(
        db,
        "SELECT DISTINCT trim(both ' \"' from part) FROM pg_proc, unnest(proconfig) AS setting,"
        " regexp_split_to_table(split_part(setting, '=', 2), ',') AS part"
        " WHERE prosecdef AND pronamespace = 'interestream'::regnamespace"
        " AND setting LIKE 'search_path=%'",
    )
    for schema in paths:
        row = db.execute(
            "SELECT has_schema_privilege('public', oid, 'CREATE') FROM pg_namespace"
            " WHERE nspname = %s",
            [schema],
        ).fetchone()
        assert row in {None, (False,)}, schema


@pytest.mark.parametrize("privilege", ["CREATE", "USAGE"])
def test_the_public_may_nothing_in_the_schema(db, privilege):
    row = db.execute(
        "SELECT has_schema_privilege('public', 'interestream', %s)", [privilege]
    ).fetchone()
    assert row == (False,)


def test_the_public_calls_no_function_and_reads_no_table_sequence_or_column(db):
    assert (
        found(
            db,
            "SELECT proname FROM pg_proc WHERE pronamespace = 'interestream'::regnamespace"
            " AND has_function_privilege('public', oid, 'EXECUTE')",
        )
        == []
    )
    assert (
        found(
            db,
            "SELECT relname FROM pg_class, aclexplode(relacl) AS given"
            " WHERE relnamespace = 'interestream'::regnamespace AND given.grantee = 0",
        )
        == []
    )
    assert (
        found(
            db,
            "SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid,"
            " aclexplode(attacl) AS given WHERE relnamespace = 'interestream'::regnamespace",
        )
        == []
    )


def test_the_roles_are_no_logins_and_have_no_power_of_their_own(db):
    for role in ROLES:
        row = db.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        ).fetchone()
        assert row == (False,) * 6, role
        assert not db.execute(
            "SELECT FROM pg_auth_members WHERE member = %s::regrole", [role]
        ).fetchall()


def test_no_role_creates_anything_or_passes_its_rights_on(db):
    for role in ROLES:
        row = db.execute(
            "SELECT has_schema_privilege(%(role)s, 'interestream', 'CREATE'),"
            " EXISTS (SELECT FROM pg_class, aclexplode(relacl) AS given"
            " WHERE given.grantee = %(role)s::regrole AND given.is_grantable),"
            " EXISTS (SELECT FROM pg_class WHERE relowner = %(role)s::regrole),"
            " EXISTS (SELECT FROM pg_proc WHERE proowner = %(role)s::regrole)",
            {"role": role},
        ).fetchone()
        assert row == (False,) * 4, role
