"""Page after page for one user, without an item coming twice."""

from dataclasses import dataclass, field

from interestream.item_filter import ItemFilter
from interestream.queries import Query, recommend
from interestream.rows import Recommended


@dataclass
class Pages:
    """Builds the query for each next page, which excludes the items of the pages before.

    No page repeats an item, however the user's interests, the catalogue and trends move between
    two pages. Each page is what `recommend` answers at its time without the items shown: an item
    that ranks high only since the last page comes on a later one.
    """

    user: str
    k: int
    """Items on a page, 1 to 1,000."""
    where: ItemFilter | None = None
    diversity: float | None = None
    """0 (by score alone) to 1, as for `recommend`."""
    space: int | None = None
    """The embedding space; None is the active one."""
    shown: list[str] = field(default_factory=list)
    """Items of the pages so far; keep it to go on in another request."""
    explore: float | None = None
    """Share of places for items that nobody has liked yet, as for `recommend`."""

    def next(self) -> Query[Recommended]:
        """Return the query for the next page."""
        return recommend(
            self.user,
            self.k,
            where=self.where,
            exclude=self.shown,
            diversity=self.diversity,
            explore=self.explore,
            space=self.space,
        )

    def show(self, page: list[Recommended]) -> bool:
        """Add the items of a page to `shown`. Returns whether there can be another page."""
        self.shown += [row.item_id for row in page]
        return len(page) == self.k
