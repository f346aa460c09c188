"""The page on formats: its settings are those there are, and its example maps an event."""

import re
import tomllib
from pathlib import Path

from pydantic import SecretStr

from jobs.format_settings import FormatSettings, SchemaRegistry
from jobs.formats import Record, decoder
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.read_mapping import mapping_of
from tests.jobs.formats.found import row_of

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
SETTINGS = PAGE.partition("\n## Settings\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (`.*?) \| (.*?) ?\|", SETTINGS, re.MULTILINE)


def test_every_setting_and_its_default_is_on_the_page():
    found = {}
    for names, default in ROWS:
        first, *more = re.findall(r"`([\w.]+)`", names)
        for name in (first, *(f"schema_registry{one}" for one in more)):
            found[name] = default.strip("`")
    settings = {**FormatSettings().model_dump(), "schema_registry": None}
    for name, value in SchemaRegistry().model_dump().items():
        settings[f"schema_registry.{name}"] = value
    for name, value in settings.items():
        if name == "schema_registry":
            continue
        assert name in found, name
        if value in (None, "", SecretStr("")):
            assert found[name] in ("", "the system's")
        else:
            text = f"{value:g}" if isinstance(value, float) else str(value).lower()
            assert found[name].lower() == text.lower()


def test_the_example_of_a_cloudevent_becomes_an_event():
    chapter = PAGE.partition("## CloudEvents")[2].partition("\n## ")[0]
    (event,) = re.findall(r"```json\n(.*?)```", chapter, re.DOTALL)
    (mapping,) = re.findall(r"```toml\n(.*?)```", chapter, re.DOTALL)
    table = mapping_of(tomllib.loads(mapping), "page", "page")
    decode = decoder(FormatSettings(envelope="cloudevents"), "events", mapped=True)
    row = row_of(decode(Record(event.encode())))
    assert list(EventMapper(table.events[0])([row])) == [
        {
            "event_id": "/shop/web:e-1",
            "user_id": "ada",
            "action": "view",
            "event_time": 1_767_323_045_000,
            "item_id": "b-17",
        }
    ]
