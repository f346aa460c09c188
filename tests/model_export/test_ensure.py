import subprocess
import sys
from unittest.mock import Mock

import pytest

from model_export import build, ensure
from model_export.ensure import DEFAULT_NAME, DEFAULT_VERSION, ensure_bundle
from model_export.errors import MissingExtraError
from model_export.extras import require_export_tools
from tests.udfs.builders import tiny_bundle
from udfs.bundle import MODEL_FILE, read_manifest
from udfs.encoder import Encoder


def test_a_bundle_that_is_there_is_returned_without_any_step(bundle_dir):
    steps: list[str] = []
    assert ensure_bundle(bundle_dir.parents[1], steps.append) == bundle_dir
    assert steps == []


@pytest.mark.parametrize("tampered", [False, True], ids=["missing", "tampered"])
def test_a_bundle_that_cannot_be_used_is_exported(tmp_path, monkeypatch, tampered):
    if tampered:
        bundle = tiny_bundle(tmp_path / DEFAULT_NAME / DEFAULT_VERSION)
        (bundle / MODEL_FILE).write_bytes(b"tampered")
    export = Mock(return_value=tmp_path)
    monkeypatch.setattr(build, "build_bundle", export)
    assert ensure_bundle(tmp_path) == tmp_path
    assert export.call_args.args[1:4] == (tmp_path, DEFAULT_NAME, DEFAULT_VERSION)


def test_a_missing_tool_says_what_installs_it(tmp_path, monkeypatch):
    def missing() -> None:
        require_export_tools(("numpy", "no_such_tool"))

    monkeypatch.setattr(ensure, "require_export_tools", missing)
    with pytest.raises(MissingExtraError, match=r"^no_such_tool .* 'interestream\[export\]'$"):
        ensure_bundle(tmp_path)


def test_the_packaged_bundle_is_what_it_says(bundle_dir):
    manifest = read_manifest(bundle_dir)
    assert (manifest.source, manifest.dim, manifest.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    encoder = Encoder.open(bundle_dir, provider="cpu", threads=1)
    tea, chai, tractor = encoder.encode(["a cup of tea", "drinking tea", "tractor"], "document")
    assert tea @ chai > tea @ tractor + 0.3


def test_asking_for_a_bundle_that_is_there_needs_none_of_the_exports_tools(bundle_dir):
    code = (
        "import sys; from pathlib import Path; from model_export.ensure import ensure_bundle\n"
        f"ensure_bundle(Path({str(bundle_dir.parents[1])!r}))\n"
        "print([m for m in ('torch', 'transformers', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
