from pathlib import Path

import pytest

from model_export.errors import BundleExistsError
from model_export.publishing.publish import publish
from tests.udfs.registry.test_registry import staged
from udfs.bundle import MANIFEST_FILE, MODEL_FILE, read_manifest, verify
from udfs.errors import BundleTamperedError, RegistryError
from udfs.registry.folder_store import FolderStore
from udfs.registry.object_store import ObjectStore
from udfs.registry.reference import Reference
from udfs.registry.registry import open_registry


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def publish_one(workspace: Path, out: Path, graph: bytes = b"graph") -> Path:
    reference = publish(staged(workspace / "bundle", "1", graph), open_registry(out))
    return out / reference.name / reference.version


def test_a_bundle_is_published_under_its_name_and_version(tmp_path, out):
    folder = staged(tmp_path / "a")
    assert publish(folder, open_registry(out)) == Reference("tiny", "1")
    assert verify(out / "tiny" / "1") == read_manifest(folder)
    assert {path.name for path in out.iterdir()} == {"tiny"}
    assert {path.name for path in (out / "tiny").iterdir()} == {"1", "latest.json"}


def test_publishing_the_same_again_keeps_what_is_there(tmp_path, out):
    first = publish_one(tmp_path / "a", out)
    before = (first / MODEL_FILE).stat().st_ino
    assert publish_one(tmp_path / "b", out) == first
    assert (first / MODEL_FILE).stat().st_ino == before


def test_a_published_bundle_is_never_replaced_by_another(tmp_path, out):
    publish_one(tmp_path / "a", out)
    with pytest.raises(BundleExistsError, match="choose a new --version"):
        publish_one(tmp_path / "b", out, graph=b"other")
    assert (out / "tiny" / "1" / MODEL_FILE).read_bytes() == b"graph"


def test_a_broken_bundle_gives_way(tmp_path, out):
    target = publish_one(tmp_path / "a", out)
    (target / MODEL_FILE).write_bytes(b"tampered")
    publish_one(tmp_path / "b", out, graph=b"other")
    assert (target / MODEL_FILE).read_bytes() == b"other"
    assert open_registry(out).problems(Reference("tiny", "1")) == []


def test_files_that_do_not_fit_the_manifest_are_not_published(tmp_path, out):
    folder = staged(tmp_path / "a")
    (folder / MODEL_FILE).write_bytes(b"changed since")
    with pytest.raises(BundleTamperedError):
        publish(folder, open_registry(out))
    assert not out.exists()


@pytest.mark.parametrize("version", ["latest", "../up"])
def test_a_version_that_no_reference_could_name_is_refused(tmp_path, out, version):
    with pytest.raises((BundleExistsError, RegistryError)):
        publish(staged(tmp_path / "a", version), open_registry(out))
    assert not out.exists()


class CutError(Exception):
    """The machine went away."""


def test_an_upload_that_is_cut_anywhere_leaves_no_version_and_the_old_latest(tmp_path, monkeypatch):
    """Cut before each object in turn; the manifest is the last of them."""
    registry = open_registry("memory://cut/bundles")
    publish(staged(tmp_path / "old", "1"), registry)
    new = staged(tmp_path / "new", "2", b"new")
    assert isinstance(registry.store, ObjectStore)
    uploads = registry.store._fs.put_file
    written: list[str] = []
    for allowed in range(3):
        left = allowed

        def put(source: str, target: str) -> None:
            nonlocal left
            if left == 0:
                raise CutError
            left -= 1
            written.append(target.rpartition("/")[2])
            uploads(source, target)

        monkeypatch.setattr(registry.store._fs, "put_file", put)
        with pytest.raises(CutError):
            publish(new, registry)
        assert registry.versions("tiny") == ["1"]
        assert registry.exact(Reference("tiny", "latest")).version == "1"
    assert MANIFEST_FILE not in written
    monkeypatch.setattr(registry.store._fs, "put_file", uploads)
    publish(new, registry)
    assert registry.exact(Reference("tiny", "latest")).version == "2"
    assert registry.problems(Reference("tiny", "2")) == []


def test_a_copy_that_is_cut_leaves_a_folder_as_it_was(tmp_path, out, monkeypatch):
    publish_one(tmp_path / "a", out)

    def cut(*args: object) -> None:
        raise CutError

    monkeypatch.setattr("udfs.registry.folder_store._sync", cut)
    with pytest.raises(CutError):
        publish(staged(tmp_path / "new", "2", b"new"), open_registry(out))
    monkeypatch.undo()
    registry = open_registry(out)
    assert isinstance(registry.store, FolderStore)
    assert registry.versions("tiny") == ["1"]
    assert [path.name for path in out.iterdir()] == ["tiny"]
    assert registry.exact(Reference("tiny", "latest")).version == "1"
