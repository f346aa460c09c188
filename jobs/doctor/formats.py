"""The formats and mappings of streams whose records have another shape than the contract's."""

from jobs.core.parsing.rules import Rules
from jobs.decoding.decode_settings import DecodeSettings
from jobs.doctor.finding import Finding, from_message, ok
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError

_AREA = "Streams"


def check_formats(situation: Situation) -> list[Finding]:
    """Check that each mapping and schema can be read, and be used for its stream."""
    config = situation.config
    rules = Rules.of(config.limits, frozenset(config.actions))
    findings = []
    for stream, form in config.sources.formats.foreign_formats().items():
        try:
            DecodeSettings.read(stream, form, rules, config.batching.buckets)
        except InterestreamError as error:
            findings.append(from_message(_AREA, str(error)))
        else:
            by = f", mapped by '{form.mapping}'" if form.mapping else ""
            around = "" if form.envelope == "none" else f" in {form.envelope}"
            findings.append(ok(_AREA, f"{stream} are {form.encoding}{around}{by}"))
    return findings
