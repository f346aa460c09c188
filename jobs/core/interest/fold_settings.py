"""The settings of the fold, derived from the configuration."""

from dataclasses import dataclass

from jobs.config import Interest
from jobs.core.interest.decayed_sums import Window
from jobs.core.interest.user_state import Layout
from jobs.core.neighbors.rules import PairRules
from jobs.neighbor_settings import Neighbors

CHUNK = 2048
"""Number of users folded at a time, so that their records and vectors stay in the CPU cache."""


@dataclass(frozen=True)
class FoldSettings:
    """The layout of records, the half-life windows in its order, and the section `interest`.

    `pairs` are the rules for pairs of items, None without any; `histories` says whether the last
    interactions of users with a new row are returned.
    """

    layout: Layout
    windows: tuple[Window, ...]
    interest: Interest
    pairs: PairRules | None = None
    histories: bool = False

    @classmethod
    def of(
        cls,
        interest: Interest,
        dim: int,
        neighbors: Neighbors | None = None,
        *,
        histories: bool = False,
    ) -> "FoldSettings":
        """The settings of the sections `interest` and `neighbors`.

        Vectors have `dim` dimensions; without `neighbors`, no pairs are made.
        """
        windows = [Window(name, seconds * 1000) for name, seconds in interest.half_lives_s.items()]
        if interest.dislikes_half_life_s:
            windows.append(Window("dislikes", interest.dislikes_half_life_s * 1000, sign=-1))
        # Topics last: for most users they equal the likes, and `pack_records` drops equal
        # trailing sums.
        if interest.topics_half_life_s:
            windows.append(Window("topics", interest.topics_half_life_s * 1000, sign=0))
        names = tuple(window.name for window in windows)
        pairs = None if neighbors is None else PairRules.of(neighbors, interest)
        layout = Layout(dim, names, interest.last_n)
        return cls(layout, tuple(windows), interest, pairs, histories)
