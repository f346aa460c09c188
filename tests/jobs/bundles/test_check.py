"""The check before the job starts that its bundle is the one of its space."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.bundles.check import check_bundle
from jobs.core.job_identity import JobIdentity
from jobs.errors import BundleMismatchError
from udfs.bundle import read_manifest
from udfs.errors import BundleNotFoundError, BundleTamperedError, ManifestError


def identity_of(bundle: Path) -> JobIdentity:
    manifest = read_manifest(bundle)
    return JobIdentity(3, manifest.dim, b"", manifest.bundle_sha256, 1, {})


def test_the_bundle_of_the_space_passes(bundle_dir):
    check_bundle(bundle_dir, identity_of(bundle_dir))


def test_another_dimension_is_refused_with_both_numbers(bundle_dir):
    with pytest.raises(BundleMismatchError, match=r"384 numbers, the tables of space 3 hold 768"):
        check_bundle(bundle_dir, replace(identity_of(bundle_dir), dim=768))


def test_another_bundle_of_the_same_dimension_is_refused_with_both_hashes(bundle_dir):
    digest = read_manifest(bundle_dir).bundle_sha256[:12]
    other = replace(identity_of(bundle_dir), bundle_sha256="abc" * 20)
    with pytest.raises(BundleMismatchError, match=rf"is {digest}\.\.\., .* with abcabcabcabc"):
        check_bundle(bundle_dir, other)


def test_errors_of_missing_damaged_and_unreadable_bundles_say_what_to_do(bundle_dir, tmp_path):
    identity = identity_of(bundle_dir)
    with pytest.raises(BundleNotFoundError, match="python -m model_export"):
        check_bundle(tmp_path / "nowhere", identity)
    damaged = tmp_path / "damaged"
    shutil.copytree(bundle_dir, damaged)
    with (damaged / "tokenizer.json").open("ab") as tokenizer:
        tokenizer.write(b" ")
    with pytest.raises(BundleTamperedError, match=r"tokenizer\.json: found .*Fetch it again"):
        check_bundle(damaged, identity)
    (damaged / "manifest.json").write_text("{")
    with pytest.raises(ManifestError, match="export the bundle again"):
        check_bundle(damaged, identity)
