"""What a job reads before and after a stored savepoint, and what trends make of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench.verify.recompute import ACTIONS, Phase, Record
from tests.builders import MINUTE_MS, NOON_MS, event

HOUR, DAY = 60, 24 * 60
"""In minutes."""

Trends = dict[str, dict[str, tuple[int, float]]]
"""By horizon and item: how many interactions, and the sum of their weights."""


def did(
    user_id: str,
    number: int,
    action: str,
    item_id: str | None = None,
    *,
    minute: int,
    **fields: Any,
) -> dict[str, Any]:
    """An event of a user, so many minutes after noon."""
    return event(
        f"{user_id}-{number}",
        user_id=user_id,
        action=action,
        item_id=item_id,
        event_time=NOON_MS + minute * MINUTE_MS,
        **fields,
    )


def command(user_id: str, name: str) -> dict[str, Any]:
    return {"user_id": user_id, "command": name}


def deletion(item_id: str) -> dict[str, Any]:
    return {"item_id": item_id, "command": "delete_item"}


ITEMS: list[dict[str, Any]] = [
    {"item_id": "tea", "title": "The art of brewing green tea", "text": "Leaves, water and time."},
    {"item_id": "chess", "title": "Chess openings explained", "text": "From gambit to mate."},
    {"item_id": "clouds", "title": "A field guide to clouds", "categories": ["nature"]},
    {"item_id": "bread", "title": "Baking sourdough bread at home"},
    {"item_id": "sails", "title": "Sailing across the Atlantic"},
    {"item_id": "bees", "title": "Keeping bees in the garden", "updated_at": NOON_MS},
    {"item_id": "maps", "title": "How maps were drawn in the Middle Ages"},
    {"item_id": "jazz", "title": "Jazz piano for beginners", "available": False},
    {"item_id": "moss", "title": "Mosses of northern forests"},
]

BEFORE = (
    Phase(
        items=[*ITEMS, {"item_id": "untitled"}],
        events=[
            did("ada", 1, "like", "tea", minute=0),
            did("ada", 2, "like", "chess", minute=2),
            did("ada", 3, "like", "clouds", minute=4),
            did("ada", 4, "rating", "bread", minute=6, value=4.5),
            did("ada", 5, "rating", "sails", minute=8, value=1.0),
            did("ada", 6, "search", minute=10, text="how to brew green tea"),
            did("ada", 7, "comment", "jazz", minute=12, text="I hate it. What a waste of time!"),
            did("ada", 8, "view", "bees", minute=14),
            did("ben", 1, "like", "tea", minute=1),
            did("ben", 2, "like", "maps", minute=3),
            did("ben", 3, "dislike", "jazz", minute=5),
            did("ben", 4, "skip", "moss", minute=7),
            did("ben", 5, "purchase", "bread", minute=9),
            did("ben", 6, "cart", "sails", minute=60),
            did("cyd", 1, "like", "bees", minute=20),
            did("cyd", 2, "impression", "tea", minute=21),
            did("dan", 1, "like", "clouds", minute=22),
            # Kites come after the savepoint, unicorns never.
            did("dan", 2, "like", "kites", minute=24),
            did("dan", 3, "comment", "kites", minute=26, text="Terrible. I hate every page of it."),
            did("dan", 4, "view", "unicorns", minute=28),
            did("eve", 1, "like", "jazz", minute=30),
            did("fay", 1, "like", "moss", minute=32),
            did("fay", 2, "dislike", "tea", minute=34),
            did("gus", 1, "like", "maps", minute=36),
            did("gus", 2, "like", "kites", minute=37),
            did("gus", 3, "levitate", "maps", minute=38),
            did("hal", 1, "like", "chess", minute=40),
            did("hal", 2, "like", "unicorns", minute=41),
            *(
                did("ivy", number, "like", item["item_id"], minute=40 + number)
                for number, item in enumerate(ITEMS)
            ),
            did("joe", 1, "like", "maps", minute=44),
            did("joe", 2, "dislike", "moss", minute=46),
            did("kim", 1, "search", minute=48, text="learning to play the piano"),
            did("kim", 2, "comment", minute=50, text="I love long walks by the sea!"),
            did("lea", 1, "like", "tea", minute=-9 * DAY),
            did("lea", 2, "like", "bees", minute=-3 * DAY),
            did("lea", 3, "purchase", "jazz", minute=-20 * HOUR),
            did("lea", 4, "dwell", "maps", minute=-2 * HOUR, value=90),
        ],
    ),
    Phase(
        events=[
            did("ada", 1, "like", "tea", minute=0),
            did("dan", 2, "like", "kites", minute=24),
            did("joe", 3, "unlike", "maps", minute=52),
            did("joe", 4, "undislike", "moss", minute=53),
            # What it takes back comes after the savepoint.
            did("cyd", 3, "unlike", "maps", minute=54),
            did("lea", 5, "levitate", "tea", minute=55),
            b"no record",
        ],
        control=[
            command("gus", "forget"),
            command("eve", "opt_out"),
            command("fay", "opt_out"),
            command("kim", "sing"),
        ],
    ),
    Phase(
        events=[
            did("eve", 2, "like", "tea", minute=55),
            did("fay", 3, "like", "tea", minute=55),
            did("gus", 4, "like", "tea", minute=55),
            # So little beside what they did before that most of their rows are written later.
            did("ada", 9, "view", "maps", minute=56),
            did("ben", 7, "view", "clouds", minute=57),
            did("ivy", 9, "view", "bees", minute=58),
        ],
    ),
)
"""Before the savepoint: no kind of state stays empty but the counts of trends under way."""

AFTER = (
    Phase(
        items=[
            {"item_id": "kites", "title": "Building kites that fly", "text": "Paper and string."},
            {"item_id": "ponds", "title": "Life in a garden pond"},
            ITEMS[0],
            {"item_id": "moss", "title": "Mosses and lichens of northern forests"},
            {"item_id": "maps", "available": False},
        ],
        events=[
            # Duplicates: one that was counted, one that has waited.
            did("ada", 2, "like", "chess", minute=2),
            did("dan", 2, "like", "kites", minute=24),
            did("ada", 10, "unlike", "tea", minute=61),
            did("joe", 5, "like", "moss", minute=45),
            did("joe", 6, "like", "maps", minute=51),
            did("cyd", 4, "like", "maps", minute=40),
            did("eve", 3, "like", "bread", minute=62),
            did("fay", 4, "like", "bread", minute=62),
            did("gus", 5, "like", "bread", minute=62),
            did("gus", 6, "levitate", "bread", minute=62),
            did("ben", 8, "like", "ponds", minute=70),
            did("dan", 5, "like", "bees", minute=71),
            did("hal", 3, "like", "tea", minute=72),
            did("kim", 3, "like", "jazz", minute=73),
            did("kim", 4, "comment", "chess", minute=74, text="Awful! I really dislike this."),
            did("lea", 7, "search", minute=75, text="animals that live in ponds"),
            did("max", 1, "like", "kites", minute=76),
            did("ben", 10, "rating", "clouds", minute=78, value=5),
            did("ben", 11, "rating", "chess", minute=79, value=0.5),
            did("max", 2, "like", "dragons", minute=77),
        ],
        control=[
            command("fay", "opt_in"),
            command("hal", "forget"),
            command("gus", "opt_in"),
            deletion("sails"),
            # Events have waited for it since before the savepoint.
            deletion("unicorns"),
        ],
    ),
    Phase(
        items=[ITEMS[4], {"item_id": "unicorns", "title": "Unicorns in tapestry"}],
        events=[
            did("max", 3, "like", "sails", minute=85),
            did("max", 4, "like", "unicorns", minute=86),
            did("fay", 5, "like", "bees", minute=80),
            did("hal", 4, "like", "bees", minute=81),
            did("gus", 7, "like", "bees", minute=82),
            did("ben", 9, "return", "bread", minute=83),
            did("ada", 11, "dislike", "kites", minute=84),
            did("cyd", 5, "share", "ponds", minute=90),
            # A rating that replaces one, and one that comes too late to count.
            did("ben", 12, "rating", "clouds", minute=88, value=1),
            did("ben", 13, "rating", "chess", minute=77, value=5),
        ],
    ),
)
"""After it."""


def trends_of(
    phases: Sequence[Phase], horizons: Mapping[str, tuple[int, int]], slice_s: int
) -> Trends:
    """Rows of all horizons (length and slide in seconds) at the end of the newest slice."""
    counted = list(_counted(phases))
    newest_ms = max(one["event_time"] for one in counted)
    deleted = {
        one["item_id"]
        for phase in phases
        for one in map(_record, phase.control)
        if one["command"] == "delete_item"
    }
    as_of_ms = (newest_ms // (slice_s * 1000) + 1) * slice_s * 1000
    found: Trends = {}
    for name, (length_s, slide_s) in horizons.items():
        end_ms = -(-as_of_ms // (slide_s * 1000)) * slide_s * 1000
        weights: defaultdict[str, list[float]] = defaultdict(list)
        for one in counted:
            inside = end_ms - length_s * 1000 <= one["event_time"] < as_of_ms
            if inside and one["item_id"] not in deleted:
                weights[one["item_id"]].append(_weight(one))
        found[name] = {item_id: (len(each), sum(each)) for item_id, each in weights.items()}
    return found


def _counted(phases: Iterable[Phase]) -> Iterator[dict[str, Any]]:
    """From the contract: every accepted event once that weighs more than nothing, when its item
    is known and not deleted, and its user not excluded.

    No text here speaks for an item, so its sentiment need not be known.
    """
    known: set[str] = set()
    deleted: set[str] = set()
    forgotten: set[str] = set()
    opted_out: set[str] = set()
    accepted: set[str] = set()
    waiting: list[dict[str, Any]] = []
    for phase in phases:
        known |= {item["item_id"] for item in map(_record, phase.items) if "title" in item}
        arrived, waiting = [*waiting, *map(_record, phase.events)], []
        for one in arrived:
            if one.get("action") not in ACTIONS or one["user_id"] in forgotten | opted_out:
                continue
            if one.get("item_id") in deleted:
                continue
            if one.get("item_id") not in known:
                waiting.append(one)
            elif one["event_id"] not in accepted:
                accepted.add(one["event_id"])
                if "text" not in one and _weight(one) > 0:
                    yield one
        for one in map(_record, phase.control):
            if one["command"] == "delete_item":
                deleted.add(one["item_id"])
            elif one["command"] == "forget":
                forgotten.add(one["user_id"])
            elif one["command"] == "opt_out":
                opted_out.add(one["user_id"])
            elif one["command"] == "opt_in":
                opted_out.discard(one["user_id"])


def _record(record: Record) -> dict[str, Any]:
    """Empty for a line that is none."""
    return {} if isinstance(record, bytes) else dict(record)


def _weight(one: dict[str, Any]) -> float:
    return ACTIONS[one["action"]].signed_weight(one.get("value"))
