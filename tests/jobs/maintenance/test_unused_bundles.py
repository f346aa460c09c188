"""Fetched bundles that nobody opens go from the cache, and those of spaces stay."""

import hashlib
import os
from pathlib import Path

from jobs.maintenance.unused_bundles import remove_unused_bundles
from udfs.bundle import manifest_from_json
from udfs.registry.reference import parse_reference
from udfs.registry.registry import open_registry


def fetched(cache: Path, bundle: Path, version: str, at_s: float) -> Path:
    """A copy of a bundle as the registry leaves it in the cache, last opened at a time."""
    folder = cache / "0123456789abcdef" / "minilm" / version
    folder.mkdir(parents=True)
    for file in bundle.iterdir():
        (folder / file.name).write_bytes(file.read_bytes()[:1_000_000])
    os.utime(folder, (at_s, at_s))
    return folder


def test_old_ones_of_no_space_go(bundle_dir: Path, tmp_path: Path) -> None:
    old, new = (fetched(tmp_path, bundle_dir, name, at) for name, at in (("1", 10), ("2", 90)))
    size = sum(file.stat().st_size for file in old.iterdir())
    assert remove_unused_bundles(tmp_path, 50, (), dry_run=True).names == ("minilm/1",)
    gone = remove_unused_bundles(tmp_path, 50, ())
    assert (gone.names, gone.freed_bytes) == (("minilm/1",), size)
    assert (old.exists(), new.exists()) == (False, True)
    assert remove_unused_bundles(tmp_path, 100, ()).count == 1
    assert list(tmp_path.iterdir()) == []


def test_the_bundle_of_a_space_stays(bundle_dir: Path, tmp_path: Path) -> None:
    fetched(tmp_path, bundle_dir, "1", 10)
    sha256 = manifest_from_json((bundle_dir / "manifest.json").read_bytes()).bundle_sha256
    assert remove_unused_bundles(tmp_path, 50, {sha256}).count == 0


def test_opening_a_bundle_renews_it(bundle_dir: Path, tmp_path: Path) -> None:
    registry = open_registry(tmp_path / "registry")
    manifest = manifest_from_json((bundle_dir / "manifest.json").read_bytes())
    name = f"{manifest.name}/{manifest.version}"
    (tmp_path / "registry" / name).mkdir(parents=True)
    for file in bundle_dir.iterdir():
        (tmp_path / "registry" / name / file.name).write_bytes(file.read_bytes())
    reference = parse_reference(name.replace("/", "@"))
    place = tmp_path / "cache"
    folder = registry.folder(reference, place)
    kept = place / _hash(folder) / name
    kept.parent.mkdir(parents=True)
    folder.rename(kept)
    folder.mkdir()
    for file in kept.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    os.utime(kept, (10, 10))
    assert registry.folder(reference, place) == kept
    assert kept.stat().st_mtime > 1_000_000
    assert remove_unused_bundles(place, 50, ()).count == 0


def _hash(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()[:16]
