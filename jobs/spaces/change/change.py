"""The steps from a bundle to the active space: make the space, wait for its job, check, switch."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from jobs.core.parsing.parse_items import Item
from jobs.datasets.detect import open_dataset
from jobs.errors import InterestreamError
from jobs.spaces.build import build_space, documents
from jobs.spaces.change.coverage import Coverage
from jobs.spaces.change.find_space import active_space_and_bundle, inactive_space_of_bundle
from jobs.spaces.change.readiness import Requirements, check_space, wait_caught_up
from jobs.spaces.change.reporters import ChangeReporter
from sql.connection import connect
from udfs.bundle import verify


def find_or_build_space(
    db: psycopg.Connection,
    dsn: str,
    bundle: Path,
    reporter: ChangeReporter,
    *,
    data: Path | None,
    sample: int,
    fresh: bool,
) -> int:
    """Return the id of an inactive space of `bundle`; build one if there is none or `fresh`.

    The mean is taken over `sample` documents of the data set `data`, or of the items table when
    `data` is None. `dsn` is the connection string of the database behind `db`.

    Raises InterestreamError when no space is active, or when the active space already has this
    bundle and `fresh` is false; udfs.errors.UdfError for a bundle that cannot be used.
    """
    active, active_sha256 = active_space_and_bundle(db)
    manifest = verify(bundle)
    sha256 = manifest.bundle_sha256
    if not fresh:
        if sha256 == active_sha256:
            raise InterestreamError(
                f"the active space {active} already has this bundle: --fresh makes another space"
                " with the mean of today's catalogue"
            )
        existing = inactive_space_of_bundle(db, sha256)
        if existing is not None:
            reporter.message("space", f"space {existing} has this bundle", space_id=existing)
            return existing
    reporter.message("mean", "encoding a sample of the catalogue, sentences and topics")
    if data is not None:
        catalogue = documents(open_dataset(data).items())
        space_id = build_space(dsn, bundle, catalogue, sample=sample, index=False)
    else:
        with connect(dsn) as items_db:
            catalogue = stored_documents(items_db)
            space_id = build_space(dsn, bundle, catalogue, sample=sample, index=False)
    reporter.message(
        "space",
        f"space {space_id} beside space {active}: {manifest.name} {manifest.version},"
        f" {manifest.dim} dimensions",
        space_id=space_id,
    )
    return space_id


def switch_when_ready(
    db: psycopg.Connection,
    space_id: int,
    requirements: Requirements,
    reporter: ChangeReporter,
    *,
    check: Callable[[], None] = lambda: None,
    switch: bool = True,
) -> bool:
    """Wait for the space's job, index and check the space, and activate it unless `switch` is
    false; returns whether the space meets the requirements.

    `check` is called while waiting and may raise. `db` must be in autocommit mode.
    """

    def on_coverage(coverage: Coverage) -> None:
        reporter.coverage(space_id, coverage)

    wait_caught_up(db, space_id, requirements, on_coverage=on_coverage, check=check)
    reporter.message("index", "caught up; building the vector index")
    db.execute("SELECT interestream.index_space(%s)", (space_id,))
    # The job could not write vectors while the index was built, so it has fallen behind again.
    wait_caught_up(db, space_id, requirements, on_coverage=on_coverage, check=check)
    result = check_space(db, space_id, requirements)
    reporter.checked(space_id, result)
    if result.refused:
        reporter.message(
            "refused",
            f"space {space_id} is not active: the check did not pass. Compare what both give"
            f" (`interestream recommend USER --space {space_id}`); `interestream space activate"
            f" {space_id}` switches all the same",
        )
        return False
    if not switch:
        reporter.message(
            "ready", f"space {space_id} is ready: `interestream space activate {space_id}`"
        )
        return True
    former, _ = active_space_and_bundle(db)
    db.execute("SELECT interestream.activate_space(%s)", (space_id,))
    reporter.message(
        "active",
        f"space {space_id} is active. `interestream space back` goes back: let the job of space"
        f" {former} run until you are sure, and start it with --space={former} from now on",
        space_id=space_id,
        former=former,
    )
    return True


def stored_documents(db: psycopg.Connection) -> Iterator[str]:
    """Yield the documents of the items table, including those of withdrawn items."""
    with db.cursor("catalogue") as cursor:
        for item_id, title, body in cursor.execute(
            "SELECT item_id, title, body FROM interestream.items"
        ):
            yield Item(item_id, title, body).document
