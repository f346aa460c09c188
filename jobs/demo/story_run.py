"""Plays a story into the running job, and watches the tables."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from jobs.core.progress import Progress
from jobs.demo.freshness import Freshness
from jobs.demo.queries import interests, recommended
from jobs.demo.screen import ScreenState
from jobs.errors import JobFailedError
from jobs.local.stack import Stack
from jobs.simulator.evaluation import Followed, Observation, time_to_follow
from jobs.simulator.simulation import NEW_TOPIC
from jobs.simulator.story import Chunk, Story
from jobs.sinks.read_progress import read_progress

TICK_S = 0.02
LOOK_S = 0.4
LISTED = 10
"""Number of recommendations on the screen."""
OPENED_AT_S = (4.0, 7.0)
"""Seconds after the drift at which the followed user opens the first recommendation."""


@dataclass
class Run:
    """What happened while the story was played."""

    freshness: Freshness = field(default_factory=Freshness)
    observations: list[Observation] = field(default_factory=list)
    """The recommendations of the followed user over time."""
    moments: list[str] = field(default_factory=list)
    """A line of text for each thing that happened."""
    fed: int = 0
    """Number of event lines that were fed."""
    followed_fed: int = 0
    """Number of them that are the followed user's."""
    followed_before: int = 0
    """Number of the followed user's lines before the new interest."""
    counters: Progress = field(default_factory=Progress)
    elapsed_s: float = 0.0


class StoryPlayer:
    """Feeds each chunk at its time, and reads the tables in between; `show` gets the screen."""

    def __init__(
        self,
        story: Story,
        stack: Stack,
        db: psycopg.Connection,
        show: Callable[[ScreenState], None],
    ) -> None:
        self._story = story
        self._stack = stack
        self._db = db
        self._show = show
        self._run = Run()
        self._started_s = 0.0
        self._opened: tuple[str, str, float] | None = None
        self._drifted_s: float | None = None
        self._followed_s: float | None = None
        self._length_s = story.chunks[-1].at_s

    def play(self) -> Run:
        """Play the whole story; returns when all of it is committed.

        Raises JobFailedError when the job fails, or is a minute behind at the end.
        """
        run, story = self._run, self._story
        self._started_s = time.perf_counter()
        chunks = list(story.chunks)
        openings = [story.drift_at_s + after_s for after_s in OPENED_AT_S]
        look_s, settled_s = 0.0, self._length_s + 2.0
        while chunks or run.counters.records_in < run.fed or self._at() < settled_s:
            now = self._at()
            while chunks and chunks[0].at_s <= now:
                self._feed(chunks.pop(0))
            if openings and openings[0] <= now:
                openings.pop(0)
                self._open_first()
            run.counters = read_progress(self._db, self._stack.space_id)["events"]
            run.freshness.committed(run.counters.records_in, time.perf_counter())
            if now >= look_s:
                look_s = now + LOOK_S
                self._look()
            if not chunks and now > self._length_s + 60:
                raise JobFailedError(
                    f"{run.counters.records_in} of {run.fed} events were committed a minute after"
                    " the last one was fed"
                )
            time.sleep(TICK_S)
        run.elapsed_s = self._length_s
        return run

    def followed(self) -> Followed | None:
        """When the recommendations followed the user's new interest for good; None if not yet."""
        return time_to_follow(
            self._run.observations,
            self._topic_of,
            NEW_TOPIC,
            drift_s=self._drifted_s if self._drifted_s is not None else self._story.drift_at_s,
            events_before=self._run.followed_before,
        )

    def _at(self) -> float:
        return time.perf_counter() - self._started_s

    def _topic_of(self, item_id: str) -> str:
        return self._story.topic_of.get(item_id, "")

    def _note(self, text: str) -> None:
        self._run.moments.append(f"{self._at():5.1f} s  {text}")

    def _feed(self, chunk: Chunk) -> None:
        run, feed = self._run, self._stack.feed
        feed.write_items(chunk.items)
        feed.write_control(chunk.control)
        run.fed += feed.write_events(chunk.events)
        run.freshness.fed(run.fed, time.perf_counter())
        drift_ms = self._story.simulation.drift_ms
        after = [event for event in chunk.followed if event["event_time"] >= drift_ms]
        if after and self._drifted_s is None:
            self._drifted_s = self._at()
            run.followed_before = run.followed_fed + len(chunk.followed) - len(after)
            self._note(f"{self._story.followed} turns to something new: {NEW_TOPIC}")
        run.followed_fed += len(chunk.followed)
        for event in after:
            if event["action"] == "search":
                self._note(f'{self._story.followed} searches for "{event["text"]}"')
        for command in chunk.control:
            if isinstance(command, dict):
                self._note(f"{command['user_id']} asks to be forgotten")
        for item in chunk.items:
            if isinstance(item, dict) and item["item_id"] == self._story.newcomer["item_id"]:
                self._note(f"a new item arrives: {item['title']}")
            elif isinstance(item, dict) and item["item_id"] == self._story.withdrawn_item:
                self._note(f"an item is withdrawn: {item['title']}")

    def _open_first(self) -> None:
        """The followed user opens the first recommendation."""
        run = self._run
        first = recommended(self._db, self._story.followed, 1)
        if not first:
            return
        events = self._story.followed_events([first[0].item_id], int(time.time() * 1000))
        run.fed += self._stack.feed.write_events(events)
        run.followed_fed += len(events)
        run.freshness.fed(run.fed, time.perf_counter())
        self._opened = (first[0].item_id, first[0].title, self._at())
        self._note(f"{self._story.followed} opens number 1: {first[0].title}")

    def _look(self) -> None:
        run, story = self._run, self._story
        self._stack.job.check()
        found = recommended(self._db, story.followed, LISTED)
        ids = tuple(item.item_id for item in found)
        run.observations.append(Observation(self._at(), run.followed_fed, ids))
        if self._opened is not None and self._opened[0] not in ids:
            _, title, opened_s = self._opened
            self._note(f"seen, so it left the list after {self._at() - opened_s:.1f} s: {title}")
            self._opened = None
        on_topic = frozenset(item for item in ids if self._topic_of(item) == NEW_TOPIC)
        if self._drifted_s is not None and self._followed_s is None and len(on_topic) * 2 >= LISTED:
            self._followed_s = self._at()
            self._note(
                f"half of the list is about {NEW_TOPIC},"
                f" {self._followed_s - self._drifted_s:.1f} s after the first such event"
            )
        p50_ms, p99_ms = run.freshness.percentiles_ms([50, 99])
        self._show(
            ScreenState(
                at_s=min(self._at(), self._length_s),
                length_s=self._length_s,
                counters=run.counters,
                fed=run.fed,
                events_per_s=run.freshness.events_per_s,
                p50_ms=p50_ms,
                p99_ms=p99_ms,
                interests=interests(self._db, story.followed),
                recommendations=found,
                on_new_topic=on_topic,
                moments=run.moments,
            )
        )
