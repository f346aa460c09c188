"""What counts as changed in the files that provenance records."""

from pathlib import Path
from typing import Any

from model_export.provenance import settings_of
from model_export.recipes.tuning import Tuning
from model_export.source.overrides import EncodingOverrides


def recorded(tuning: Tuning) -> Any:
    return settings_of("searched", EncodingOverrides(), tuning)["tuning"]


def test_an_edited_gate_is_another_gate(tmp_path: Path) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text("mean_cosine = 0.99")
    before = recorded(Tuning(gate=gate))
    assert recorded(Tuning(gate=gate)) == before
    gate.write_text("mean_cosine = 0.999")
    assert recorded(Tuning(gate=gate)) != before
    gate.unlink()
    assert recorded(Tuning(gate=gate)) != before


def test_a_catalogue_is_its_files_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "items.csv").write_text("1,East")
    before = recorded(Tuning(catalogue=tmp_path))
    (tmp_path / "deep" / "items.csv").write_text("1,West")
    edited = recorded(Tuning(catalogue=tmp_path))
    (tmp_path / "deep" / "items.csv").rename(tmp_path / "deep" / "others.csv")
    assert len({str(each) for each in (before, edited, recorded(Tuning(catalogue=tmp_path)))}) == 3
