"""Formats of streams: mappings that can be used, and that cannot."""

from pathlib import Path

from jobs.config import load_config
from jobs.doctor.finding import Finding
from jobs.doctor.formats import check_formats
from jobs.doctor.situation import Situation


def found_with(*settings: str) -> list[Finding]:
    return check_formats(Situation(load_config(None, list(settings)), "", "", Path(), None))


def test_streams_of_the_contract_have_nothing_to_say() -> None:
    assert found_with() == []


def test_formats_and_mappings_are_told() -> None:
    settings = [
        "sources.formats.events.mapping=segment",
        "sources.formats.items.envelope=debezium",
    ]
    assert [(finding.level, finding.found) for finding in found_with(*settings)] == [
        ("ok", "events are json, mapped by 'segment'"),
        ("ok", "items are json in debezium"),
    ]


def test_a_mapping_that_a_stream_cannot_use_fails_with_its_key() -> None:
    (finding,) = found_with("sources.formats.items.mapping=taobao")
    assert finding.level == "fail"
    assert finding.found == "sources.formats.items.mapping 'taobao' has no table 'items'"
