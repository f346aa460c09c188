"""The settings of one list of recommendations, as an address has them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from jobs.serve.page.route import PageError

_READ: dict[str, Callable[[str], object]] = {"k": int, "diversity": float, "explore": float}


@dataclass(frozen=True)
class ListSettings:
    """Arguments of `recommend()`, and what they are by default."""

    k: int = 10
    diversity: float | None = None
    """None for what an experiment gives the user, or else what `recommend()` takes by default."""
    explore: float | None = None
    categories: str = ""
    """Names with commas between them; empty for all."""
    space: str = ""
    """Number of a space; empty for the active one."""

    @classmethod
    def of(cls, query: Mapping[str, str], prefix: str = "") -> "ListSettings":
        """Read them from an address, where their names may have a prefix.

        Raises PageError for what is not a number.

        >>> ListSettings.of({"b_diversity": "0.8", "diversity": "0"}, prefix="b_").diversity
        0.8
        """
        given: dict[str, Any] = {}
        for each in fields(cls):
            text = query.get(prefix + each.name, "").strip()
            if not text:
                continue
            try:
                given[each.name] = _READ.get(each.name, str)(text)
            except ValueError:
                raise PageError(f"'{each.name}' is a number, unlike '{text}'") from None
        return cls(**given)

    def as_query(self, prefix: str = "") -> dict[str, str]:
        """What `of` reads, without what is the default."""
        default = asdict(ListSettings())
        return {
            prefix + name: str(value)
            for name, value in asdict(self).items()
            if value != default[name]
        }

    def parameters(self) -> dict[str, object]:
        """Parameters of ARGUMENTS. Raises PageError for a space that is no number."""
        names = [name.strip() for name in self.categories.split(",") if name.strip()]
        try:
            space = int(self.space) if self.space else None
        except ValueError:
            raise PageError(f"'space' is a number, unlike '{self.space}'") from None
        return {
            "k": self.k,
            "diversity": self.diversity,
            "explore": self.explore,
            "categories": names or None,
            "space": space,
        }


ARGUMENTS = (
    "p_k => %(k)s::integer, p_diversity => %(diversity)s::float8, p_explore => %(explore)s::float8,"
    " p_categories => %(categories)s::text[], p_space => %(space)s::integer"
)
"""These settings as arguments of `recommend()`."""
