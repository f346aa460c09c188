"""What the checks are about: the same options that `interestream submit` takes."""

from dataclasses import dataclass
from pathlib import Path

from jobs.config import Config, load_config
from jobs.doctor.finding import Finding, fail, ok, warn
from jobs.errors import ConfigError

AREA = "Configuration"


@dataclass(frozen=True)
class Situation:
    """A configuration, a database and a cluster, of which each may be missing or wrong."""

    config: Config
    dsn: str
    """Connection string; empty where none is given."""
    jobmanager: str
    """HOST:PORT of a cluster of one's own; empty for the one of this machine."""
    cluster: Path
    """Folder of the cluster on this machine."""
    space: int | None
    """The space that the job fills; None for the active one."""


def read_config(path: Path | None, overrides: list[str], dsn: str) -> tuple[Config, list[Finding]]:
    """Return the configuration, or the defaults where it cannot be used, and what was found."""
    try:
        config = load_config(path, overrides)
    except ConfigError as error:
        found = "; ".join(line.strip() for line in str(error).splitlines())
        advice = "correct it (`interestream config` lists the keys); the lines below take defaults"
        return load_config(), [fail(AREA, found.replace(":;", ":"), advice)]
    findings = [ok(AREA, f"{path or 'no file'}{_count(overrides)}: every key can be used")]
    written = config.database.dsn.get_secret_value()
    if dsn and written and written != dsn:
        findings.append(
            warn(
                AREA,
                "database.dsn of the configuration differs from --dsn or INTERESTREAM_DSN, and the"
                " job writes to the first",
                "remove database.dsn from the file, or set INTERESTREAM_DSN to the same",
            )
        )
    return config, findings


def _count(overrides: list[str]) -> str:
    plural = "" if len(overrides) == 1 else "s"
    return f" and {len(overrides)} setting{plural} of --set" if overrides else ", defaults alone"
