"""What a schema registry's answers lead to; the registry is a small one that speaks its paths."""

import pickle
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jobs.errors import ConfigError
from jobs.formats import (
    FormatSettings,
    Record,
    RegistryUnavailableError,
    SchemaRegistry,
    Undecodable,
    Upsert,
    decoder,
)
from tests.fakes.registry import FakeRegistry, fake_registry
from tests.fixtures.certificates import make_authority
from tests.jobs.formats.found import reason_of

ROW = {"type": "record", "name": "Row", "fields": [{"name": "id", "type": "long"}]}
SEVEN = Record(b"\0\0\0\0\x01\x0e")


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as found:
        found.add("/schemas/ids/1", ROW)
        yield found


def settings_of(registry: FakeRegistry, **more: Any) -> FormatSettings:
    return FormatSettings(encoding="avro", schema_registry=SchemaRegistry(url=registry.url, **more))


def test_a_schema_is_asked_for_once(registry):
    decode = decoder(settings_of(registry), "items")
    assert [decode(SEVEN) for _ in range(3)] == [Upsert({"id": 7})] * 3
    assert registry.asked == [("/schemas/ids/1", None)]


def test_the_login_goes_with_the_question_and_into_no_text(registry):
    settings = settings_of(registry, user="ada", password="geheim")
    decoder(settings, "items")(SEVEN)
    # The base64 of ada:geheim.
    assert registry.asked == [("/schemas/ids/1", "Basic YWRhOmdlaGVpbQ==")]
    assert "geheim" not in repr(settings) + str(settings.model_dump())
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_schema_that_is_not_there_is_a_dead_letter_and_seldom_asked_for(registry):
    decode = decoder(settings_of(registry), "items")
    unknown = Undecodable("unknown_schema", "the registry has no schema 9")
    assert [decode(Record(b"\0\0\0\0\x09\x0e")) for _ in range(3)] == [unknown] * 3
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, {"error_code": 50001}, "answers 500"),
        (503, "<html>", "answers 503"),
        (401, {"error_code": 401}, "user and password are refused"),
        (404, "<html>", "is schema_registry.url its address?"),
        (404, {"error_code": 404}, "is schema_registry.url its address?"),
        (200, "<html>", "is schema_registry.url its address?"),
        (200, {"version": 1}, "is no schema"),
    ],
)
def test_any_other_answer_may_pass(registry, status, body, says):
    registry.answers["/schemas/ids/1"] = (status, body)
    decode = decoder(settings_of(registry, user="ada", password="geheim"), "items")
    with pytest.raises(RegistryUnavailableError, match=says) as caught:
        decode(SEVEN)
    assert "geheim" not in str(caught.value)
    registry.add("/schemas/ids/1", ROW)
    assert decode(SEVEN) == Upsert({"id": 7})


def test_a_redirection_takes_the_login_nowhere(registry):
    registry.answers["/schemas/ids/1"] = (302, f"{registry.url}/elsewhere")
    decode = decoder(settings_of(registry, user="ada", password="geheim"), "items")
    with pytest.raises(RegistryUnavailableError, match="give the address that it leads to"):
        decode(SEVEN)
    assert {path for path, _ in registry.asked} == {"/schemas/ids/1"}


def test_a_registry_that_is_away_makes_no_dead_letters():
    with fake_registry() as gone:
        pass
    with pytest.raises(RegistryUnavailableError, match="does not answer"):
        decoder(settings_of(gone), "items")(SEVEN)


def test_kept_schemas_are_read_while_the_registry_is_away(tmp_path):
    with fake_registry() as registry:
        registry.add("/schemas/ids/1", ROW)
        settings = settings_of(registry, cache=tmp_path / "schemas")
        decoder(settings, "items")(SEVEN)
    assert decoder(settings, "items")(SEVEN) == Upsert({"id": 7})
    assert [file.suffix for file in (tmp_path / "schemas").iterdir()] == [".json"]


def test_a_broken_file_of_a_kept_schema_is_asked_for_again(registry, tmp_path):
    settings = settings_of(registry, cache=tmp_path)
    decoder(settings, "items")(SEVEN)
    next(tmp_path.iterdir()).write_text("{")
    assert decoder(settings, "items")(SEVEN) == Upsert({"id": 7})


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_question(registry, tmp_path):
    (tmp_path / "file").touch()
    decode = decoder(settings_of(registry, cache=tmp_path / "file"), "items")
    assert decode(SEVEN) == Upsert({"id": 7})


def test_schemas_that_others_use_come_from_their_subjects(registry):
    price = {"type": "record", "name": "Price", "fields": [{"name": "cents", "type": "int"}]}
    fields = [{"name": "price", "type": "Price"}, {"name": "old", "type": ["null", "Price"]}]
    uses = [{"name": "Price", "subject": "shop/price", "version": 2}]
    registry.add("/subjects/shop%2Fprice/versions/2", price)
    registry.add(
        "/schemas/ids/5", {"type": "record", "name": "Offer", "fields": fields}, references=uses
    )
    found = decoder(settings_of(registry), "items")(Record(b"\0\0\0\0\x05\x04\x02\x06"))
    assert found == Upsert({"price": {"cents": 2}, "old": {"cents": 3}})


def test_an_id_in_a_header_may_be_a_global_one(registry):
    registry.add("/schemas/guids/00010203-0405-0607-0809-0a0b0c0d0e0f", ROW)
    headers = {"__value_schema_id": b"\1" + bytes(range(16))}
    decode = decoder(settings_of(registry), "items")
    assert decode(Record(b"\x0e", None, headers)) == Upsert({"id": 7})
    assert decode(Record(b"\x0e", None, {"__value_schema_id": b"\0\0\0\0\1"})) == Upsert({"id": 7})


def test_a_schema_that_is_none_is_a_dead_letter(registry):
    registry.add("/schemas/ids/1", {"type": "nothing"})
    decode = decoder(settings_of(registry), "items")
    assert [reason_of(decode(SEVEN)) for _ in range(3)] == ["bad_schema"] * 3
    assert len(registry.asked) == 1


def test_certificates_that_cannot_be_read_are_a_wrong_setting(registry, tmp_path):
    with pytest.raises(ConfigError, match=r"schema_registry\.ca_file .* cannot be read"):
        decoder(settings_of(registry, ca_file=tmp_path / "none.pem"), "items")


def test_an_address_holds_no_login():
    with pytest.raises(ValidationError) as caught:
        SchemaRegistry(url="http://ada:geheim@registry")
    assert "geheim" not in str(caught.value)


def test_a_registry_over_tls_is_checked_against_the_authority_before_it_learns_the_login(
    tmp_path: Path,
) -> None:
    authority = make_authority(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(authority.issue("host", "localhost", "IP:127.0.0.1"))
    with fake_registry(tls) as registry:
        registry.add("/schemas/ids/1", ROW)
        login = {"user": "ada", "password": "geheim"}
        trusting = settings_of(registry, ca_file=authority.certificate, **login)
        assert decoder(trusting, "items")(SEVEN) == Upsert({"id": 7})
        asked = len(registry.asked)
        with pytest.raises(RegistryUnavailableError, match="certificate verify failed"):
            decoder(settings_of(registry, **login), "items")(SEVEN)
        assert len(registry.asked) == asked
