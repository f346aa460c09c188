"""The settings of a format: what goes together, and what does not."""

import pickle

import pytest
from pydantic import ValidationError

from jobs.format_settings import FormatSettings

REGISTRY = {"url": "https://registry:8081", "user": "ada", "password": "geheim"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"envelope": "debezium"},
        {"envelope": "cloudevents", "time_zone": "Europe/Berlin"},
        {"encoding": "avro", "schema_registry": REGISTRY},
        {"encoding": "avro", "schema_file": "product.avsc", "envelope": "debezium"},
        {"encoding": "protobuf", "schema_registry": REGISTRY},
        {"encoding": "protobuf", "schema_file": "shop.pb", "message": "shop.Product"},
    ],
)
def test_settings_travel_to_the_tasks(given):
    settings = FormatSettings.model_validate(given)
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"encoding": "xml"}, "'json', 'avro' or 'protobuf'"),
        ({"envelope": "avro"}, "'none', 'cloudevents' or 'debezium'"),
        ({"encoding": "avro"}, "needs schema_registry.url or schema_file"),
        (
            {"encoding": "avro", "schema_registry": REGISTRY, "schema_file": "x"},
            "needs schema_registry.url or schema_file, one of the two",
        ),
        ({"schema_file": "x"}, "encoding 'json' needs neither"),
        ({"encoding": "protobuf", "schema_file": "x"}, "message is for encoding 'protobuf'"),
        ({"message": "shop.Product"}, "message is for encoding 'protobuf'"),
        (
            {"encoding": "avro", "schema_file": "x", "skip_schema_id": True},
            "skip_schema_id belongs to",
        ),
        (
            {"encoding": "protobuf", "schema_registry": REGISTRY, "envelope": "debezium"},
            "is read in JSON and Avro",
        ),
        ({"time_zone": "Europe/Atlantis"}, "give an IANA name"),
        ({"time_zone": "../etc"}, "give an IANA name"),
        ({"schema_registry": {"url": "registry:8081"}}, "pattern"),
        ({"unknown": 1}, "Extra inputs"),
    ],
)
def test_what_does_not_go_together_says_what_does(given, says):
    with pytest.raises(ValidationError) as caught:
        FormatSettings.model_validate(given)
    assert says in str(caught.value)
    assert "geheim" not in str(caught.value)
