"""The page of findings for a situation, in an empty folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.doctor.finding import Finding
from jobs.doctor.run import examine


@dataclass(frozen=True)
class Page:
    findings: list[Finding]

    def of(self, area: str) -> list[tuple[str, str, str]]:
        """(level, found, advice) of each line of an area."""
        return [(f.level, f.found, f.advice) for f in self.findings if f.area == area]

    def line(self, part: str) -> Finding:
        """The only line whose finding holds `part`."""
        (found,) = [finding for finding in self.findings if part in finding.found]
        return found

    def text(self) -> str:
        return "\n".join(f"{f.area} {f.level} {f.found} {f.advice}" for f in self.findings)


class Doctor:
    """Looks at one thing at a time; `folder` is where it is called, and is empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(
        self,
        *overrides: str,
        dsn: str = "",
        config: Path | None = None,
        jobmanager: str = "",
        space: int | None = None,
    ) -> Page:
        cluster = self.folder / "cluster"
        found = examine(
            config, list(overrides), dsn, jobmanager=jobmanager, cluster=cluster, space=space
        )
        assert all(finding.advice for finding in found if finding.level != "ok")
        assert not [finding for finding in found if "\n" in finding.found + finding.advice]
        return Page(found)


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    for name in ("INTERESTREAM_DSN", "INTERESTREAM_REGISTRY", "FLINK_HOME", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Doctor(tmp_path)
