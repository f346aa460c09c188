"""Checks before the job starts that its bundle is the one of its space."""

from pathlib import Path

from jobs.core.job_identity import JobIdentity
from jobs.errors import BundleMismatchError
from udfs.bundle import verify


def check_bundle(bundle: Path, identity: JobIdentity) -> None:
    """Check that `bundle` has the dimension and the sha256 that the space was built with.

    Raises BundleMismatchError when one of them differs, and the errors of `udfs.bundle.verify`
    for a bundle that is missing or damaged.
    """
    manifest = verify(bundle)
    space = identity.space_id
    if manifest.dim != identity.dim:
        raise BundleMismatchError(
            f"the bundle at {bundle} gives vectors of {manifest.dim} numbers, the tables of space"
            f" {space} hold {identity.dim}: set encoder.bundle to the bundle of that space, or make"
            " a space with this one (`interestream space create`)"
        )
    if manifest.bundle_sha256 != identity.bundle_sha256:
        raise BundleMismatchError(
            f"the bundle at {bundle} is {manifest.bundle_sha256[:12]}..., space {space} was built"
            f" with {identity.bundle_sha256[:12]}...: set encoder.bundle to that bundle, or make a"
            " space with this one (`interestream space create`)"
        )
