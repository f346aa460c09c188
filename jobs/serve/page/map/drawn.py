"""The map as it is drawn: points of items in groups that have a colour and a name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from jobs.serve.page.map.plane import Floats, Plane, lay_plane, read_vectors

CATEGORIES = 7
"""More colours than these, and one for the rest, cannot be told apart."""
REST = "other"
NOBODY = "liked by nobody yet"
DIGITS = 3


@dataclass(frozen=True)
class DrawnMap:
    """A sample of the catalogue in the plane, for one space."""

    space_id: int
    plane: Plane
    items: Sequence[DictRow]
    """item_id, title, category (or None), liked (how often)."""
    places: Floats
    """`(items, 2)`."""

    def groups(self, colour: str) -> list[dict[str, Any]]:
        """The points by `category` or by `popularity`, each group with its name.

        Points are `[x, y, item_id, title]`; `rest` is the group of all others.
        """
        names = self._by_popularity() if colour == "popularity" else self._by_category()
        groups: dict[str, list[list[object]]] = {name: [] for name in dict.fromkeys(names.order)}
        for row, place, name in zip(self.items, self.places, names.of_items, strict=True):
            x, y = (round(float(each), DIGITS) for each in place)
            groups[name].append([x, y, row["item_id"], row["title"]])
        return [
            {"name": name, "rest": name in (REST, NOBODY), "points": points}
            for name, points in groups.items()
            if points
        ]

    def _by_category(self) -> "_Names":
        counts = Counter(row["category"] for row in self.items if row["category"])
        common = [name for name, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]
        kept = common[:CATEGORIES]
        of_items = [row["category"] if row["category"] in kept else REST for row in self.items]
        return _Names([*kept, REST], of_items)

    def _by_popularity(self) -> "_Names":
        """Nobody, and thirds of what somebody likes."""
        liked = sorted(row["liked"] for row in self.items if row["liked"])
        if not liked:
            return _Names([NOBODY], [NOBODY] * len(self.items))
        low, high = liked[len(liked) // 3], liked[2 * len(liked) // 3]
        names = [f"liked more than {high:,} times", f"more than {low:,}", f"{low:,} or fewer"]

        def name(count: int) -> str:
            return names[0] if count > high else names[1] if count > low else names[2]

        of_items = [name(row["liked"]) if row["liked"] else NOBODY for row in self.items]
        return _Names([*names, NOBODY], of_items)


@dataclass(frozen=True)
class _Names:
    order: Sequence[str]
    of_items: Sequence[str]


def draw(space_id: int, rows: Sequence[DictRow]) -> DrawnMap | None:
    """Lay the plane of a sample; rows have the items' columns and `vector` as text.

    None where there are fewer than three. It computes for a second or so: call it in a thread.
    """
    if len(rows) < 3:
        return None
    vectors = read_vectors([row["vector"] for row in rows])
    plane = lay_plane(vectors)
    items = [{name: row[name] for name in row if name != "vector"} for row in rows]
    return DrawnMap(space_id, plane, items, plane.place(vectors))
