"""Page after page for one user, without an item coming twice."""

from dataclasses import dataclass, field

from interestream.item_filter import ItemFilter
from interestream.questions import Question, recommend
from interestream.rows import Recommended


@dataclass
class Pages:
    """Asks for the next page by leaving out what was shown.

    However the user's interest, the catalogue and what is popular move between two pages, none
    repeats an item. Every page is as good as a first one at its time: an item that came up since
    may come on a later page.
    """

    user: str
    k: int
    where: ItemFilter | None = None
    diversity: float = 0.3
    space: int | None = None
    shown: list[str] = field(default_factory=list)
    """Items of the pages so far; keep it to go on in another request."""

    def next(self) -> Question[Recommended]:
        return recommend(
            self.user,
            self.k,
            where=self.where,
            exclude=self.shown,
            diversity=self.diversity,
            space=self.space,
        )

    def show(self, page: list[Recommended]) -> bool:
        """Take note of a page; whether there can be another one."""
        self.shown += [row.item_id for row in page]
        return len(page) == self.k
