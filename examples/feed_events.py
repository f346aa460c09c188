"""Feed events: `python examples/feed_events.py /data/streams`.

The job reads a file once and whole, so a file must appear whole: write it aside, then rename it
into the folder. One file per event is too many; collect what a moment brings.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path


def feed(streams: Path, stream: str, records: Iterable[Mapping[str, object]]) -> Path:
    """Append records to `events`, `items` or `control`; the job sees all of them or none."""
    folder = streams / stream
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns()}-{os.getpid()}.ndjson"
    aside = folder / f".{name}"  # names that begin with a dot are not read
    with aside.open("w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
        file.flush()
        os.fsync(file.fileno())
    return aside.rename(folder / name)


def event(user: str, action: str, **more: object) -> dict[str, object]:
    """An event now; its id makes it count once, however often it is fed."""
    return {
        "event_id": uuid.uuid4().hex,
        "user_id": user,
        "action": action,
        "event_time": time.time_ns() // 1_000_000,
        **more,
    }


if __name__ == "__main__":
    root = Path(sys.argv[1])
    feed(root, "items", [{"item_id": "b-17", "title": "The Moon in Twelve Evenings"}])
    feed(
        root,
        "events",
        [
            event("ada", "view", item_id="b-17"),
            event("ada", "search", text="first telescope"),
            event("bob", "rating", item_id="b-17", value=4.5),
        ],
    )
