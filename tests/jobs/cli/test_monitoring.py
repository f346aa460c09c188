"""`interestream monitoring` writes the files that come with the package."""

from pathlib import Path

import jobs.monitoring
from jobs.cli.monitoring import FILES

SOURCE = Path(jobs.monitoring.__path__[0])


def test_it_writes_every_file_of_the_package(cli, tmp_path):
    out, _ = cli.run("monitoring", str(tmp_path / "new" / "folder"))
    written = {
        str(file.relative_to(tmp_path / "new" / "folder")): file.read_bytes()
        for file in (tmp_path / "new").rglob("*.*")
        if file.is_file()
    }
    there = {
        str(file.relative_to(SOURCE)): file.read_bytes()
        for file in SOURCE.rglob("*")
        if file.suffix in {".yml", ".json"}
    }
    assert written == there
    assert set(FILES) == there.keys()
    assert len(out.splitlines()) == len(FILES)


def test_it_replaces_nothing_unless_it_is_told_to(cli, tmp_path):
    (tmp_path / "alerts.yml").write_text("mine")
    _, error = cli.run("monitoring", str(tmp_path), code=2)
    assert "has alerts.yml already" in error
    assert (tmp_path / "alerts.yml").read_text() == "mine"
    assert not (tmp_path / "dashboard.json").exists()
    cli.run("monitoring", str(tmp_path), "--force")
    assert (tmp_path / "alerts.yml").read_bytes() == (SOURCE / "alerts.yml").read_bytes()
