"""Rows of the answers; a field has the name of its column, and `docs/sql.md` tells more of each."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Parts:
    """What a score is made of, before the weights; None where a part does not count."""

    blend: float | None = None
    """Cosine with the weighted sum of the user's windows."""
    interest: float | None = None
    """Cosine with the nearest medoid of the user's interests."""
    dislike: float | None = None
    """Cosine with the user's dislikes, at least 0, times how far they are trusted (0 to 1)."""
    popularity: float | None = None
    """0 to 1, by the interactions of the last week, while the job has not counted, and then 0; for
    users without a vector their popularity or the score of `trending`."""
    windows: dict[str, float] | None = None
    """Cosine with each window; not part of the score."""
    score: dict[str, float] | None = None
    """What adds up to the score: `text`, `dislike` (0 or less), `neighbors`, `popular`, `new`,
    `shown` (0 or less as packaged), and `sequence` where a sequence model says something."""
    chance: float | None = None
    """The chance that this is what the user turns to next, 0 to 1, as learned so far."""
    segment: str | None = None
    """`none`, `few` or `many`: whose weights counted, by how many items the user has liked."""
    variant: str | None = None
    """`experiment/variant` that the row is of; None without an experiment."""


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """An item that a user should see, and why; `rank` counts from 1."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    reason: str
    source: str
    """What adds most to the score: the window that the item is nearest to, or `interest`;
    `neighbor`; `popular_H` for a horizon H; `sequence`; `new`; `trending` for users without a
    vector."""
    source_item_id: str | None
    """The medoid, if the source is `interest`; the liked item, if it is `neighbor`."""
    source_title: str | None
    nearest_liked_item_id: str | None
    """The nearest of the last items that the user liked."""
    nearest_liked_title: str | None
    parts: Parts


@dataclass(frozen=True, kw_only=True)
class RecommendedTo(Recommended):
    """A recommendation in an answer for many users."""

    user_id: str


@dataclass(frozen=True, kw_only=True)
class SimilarItem:
    """An item like another one; `similarity` is their cosine (-1 to 1)."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    similarity: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class FoundItem:
    """An item near a text or another item; `similarity` is their cosine (-1 to 1).

    `score` also counts the user's taste, and orders the rows.
    """

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    similarity: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class AskedItem:
    """An item for a request in words; `similarity` is the cosine with what is wanted (-1 to 1)."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    """The similarity and the user's taste, less what is too near to something refused."""
    similarity: float
    refused: float | None
    """The largest cosine with something refused; None where nothing is."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class SimilarUser:
    """A user of similar taste; `similarity` is the cosine of the blends of both users' windows."""

    rank: int
    user_id: str
    similarity: float
    liked_in_common: int
    """How many of the last 32 items that the first user liked this user liked, too."""
    reason: str
    common_item_id: str | None
    common_title: str | None


@dataclass(frozen=True, kw_only=True)
class RecommendedUser:
    """A user to meet, and why; `similarity` is the cosine of the blends of both users' windows."""

    rank: int
    user_id: str
    similarity: float
    reason: str
    shared_topics: list[str]
    """Topics that both engage with, the first user's strongest first."""
    liked_in_common: int
    """How many of the last 32 items that the first user liked this user liked, too."""
    common_item_ids: list[str]
    """The newest of these, at most three."""
    common_titles: list[str]


@dataclass(frozen=True, kw_only=True)
class RecommendedTopic:
    """A named topic that a user has not had yet, near what the user likes."""

    rank: int
    topic: str
    score: float
    """The cosine, and up to 0.15 for a topic that rises."""
    cosine: float
    """With the user's blend, or with the nearest of the last liked items."""
    rise: float | None
    """By how many standard deviations the topic exceeds what was expected of it; None where nothing
    is counted."""
    interactions: int
    """Interactions with items of the topic in the horizon that is compared."""
    reason: str
    near_item_id: str | None
    """The liked item that is nearest to the topic."""
    near_title: str | None
    titles: list[str]
    """Titles of the nearest items that the user has not seen."""


@dataclass(frozen=True, kw_only=True)
class JobStream:
    """What the job of a space has done with one stream: records since its state began."""

    space_id: int
    stream: str
    buckets: int
    """Buckets that the stream's keys fall into."""
    records_in: int
    """Records read."""
    applied: int
    """Records that were counted; of items, those whose text changed."""
    duplicates: int
    """Records whose event id had come before."""
    dead_letters: int
    """Records that were not accepted."""
    excluded: int
    """Events of users who opted out."""
    waiting: int
    """Events that wait for their item."""
    newest_commit: datetime
    """When the most recently written bucket committed."""
    oldest_commit: datetime
    """When the least recently written bucket committed."""


@dataclass(frozen=True, kw_only=True)
class FilterCondition:
    """One condition of a filter, and the available items that it leaves."""

    place: int
    condition: str
    """The condition in words: `price below 5`."""
    passing: int
    """Items that meet it."""
    remaining: int
    """Items that meet it and all conditions before it."""
    available: int
    """All items."""


@dataclass(frozen=True, kw_only=True)
class FilterVerdict:
    """Whether any available item passes a filter."""

    no_item_passes: str | None
    """None where one passes; else a sentence that says which condition leaves none."""


@dataclass(frozen=True, kw_only=True)
class Interest:
    """Something that a user is interested in."""

    kind: str
    """A window (`recent`, `session`, `day`, `month`), `interest`, `topic` or `dislikes`."""
    rank: int
    """1 for a window; interests and topics count from the strongest."""
    label: str | None
    """Title of the medoid of an interest or of the item nearest to a window; name of a topic."""
    categories: list[str] | None
    """The three most frequent ones among the nearest items."""
    share: float | None
    """Of the blend for a window, of all interests for an interest, of all topics for a topic."""
    size: int | None
    """Interactions of an interest."""
    as_of: datetime
    """The event time that the row is relative to."""
    titles: list[str] | None
    """Titles of the nearest items, nearest first."""
    topic: str | None
    """The named topic nearest to the row."""


@dataclass(frozen=True, kw_only=True)
class UserTopic:
    """A named topic and its share (0 to 1) of what a user engages with, or `other`.

    `other` has no cosine.
    """

    rank: int
    topic: str
    share: float
    cosine: float | None
    as_of: datetime


@dataclass(frozen=True, kw_only=True)
class TopicOfDay:
    """A named topic, or `other`, and its share (0 to 1) of what a user engaged with on a day."""

    day: date
    """In UTC, of the user's events."""
    rank: int
    topic: str
    share: float


@dataclass(frozen=True, kw_only=True)
class UserDrift:
    """How far what a sequence model has learned of a user has moved since an earlier week."""

    moved: float
    """1 minus the cosine of the two vectors: 0 not at all, 1 to something unrelated, at most 2."""
    since: datetime
    until: datetime
    from_titles: list[str] | None
    to_titles: list[str] | None
    words: str
    """The same as a sentence."""


@dataclass(frozen=True, kw_only=True)
class SequenceModel:
    """A sequence model of a space."""

    model: int
    bundle: str
    state: str
    """`in use`, `before` or `not serving`."""
    trained_until: datetime
    questions: int
    """Questions by which it was judged while it served."""
    at_first: float | None
    lately: float | None
    fallen: bool
    """Whether it finds clearly less than at first."""
    words: str
    """Whether training again pays."""


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Something for which an item is not recommended."""

    obstacle: str
    """`unknown`, `withdrawn`, `no_vector`, `variant`, `seen`, `disliked`, `seen_variant`,
    `excluded` or `filtered`."""
    words: str
    """A sentence about it."""


@dataclass(frozen=True, kw_only=True)
class Trending:
    """An item that is popular at the moment."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    """Sum of the weights of positive interactions, or halved with their age."""
    interactions: int
    """Positive interactions; users, if `as_of` was given."""
    as_of: datetime
    """The event time that the answer is for."""


@dataclass(frozen=True, kw_only=True)
class CatalogueWord:
    """Something that requests in words can filter by."""

    kind: str
    """`category`, `number` (an attribute that is a number) or `text` (a value of an attribute)."""
    name: str
    """The category, or the attribute."""
    value: str | None
    """The value of the attribute; None but for `text`."""
    items: int
    """How many of the sampled items have it."""


@dataclass(frozen=True, kw_only=True)
class ClickThrough:
    """How often what was recommended is clicked; empty texts where impressions name none."""

    source: str
    """Why the row was shown."""
    place: int
    """Position in the answer, 1 to 100; 0 where impressions name none."""
    segment: str
    """`none`, `few` or `many`: how many items the users had liked."""
    variant: str
    """The variant of an experiment."""
    impressions: int
    """Items that were shown, each once for a recommendation."""
    clicks: int
    """Those of them on which the user did something positive."""
    rate: float
    """Clicks as a share of impressions."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What counts in the score of a segment of users, with what the job has learned."""

    segment: str
    """`none`, `few` or `many`: how many items the users have liked."""
    questions: int
    """Questions that the job has learned from."""
    found: float | None
    """Share of the latest questions whose answer was among the candidates; None before the
    first."""
    words: str
    """What counts, most first, in words."""
    weights: dict[str, float] | None
    """The weight of each source; None where no source counts."""


@dataclass(frozen=True, kw_only=True)
class PreviousSpace:
    """The space that was active before the active one; None where there is none."""

    previous_space: int | None


@dataclass(frozen=True, kw_only=True)
class SpaceCoverage:
    """How much of another space a space covers, and how far its job is behind."""

    items: int
    """Items with a vector in the other space."""
    items_covered: int
    """Those of them with a vector in this one, too."""
    users: int
    """Users with a vector in the other space."""
    users_covered: int
    """Those of them with a vector in this one, too."""
    records: int
    """Records that the job of the other space has read."""
    records_behind: int
    """How many of them the job of this one has yet to read."""


@dataclass(frozen=True, kw_only=True)
class UserVariant:
    """What a user gets in an experiment."""

    experiment: str
    kind: str
    """`split` or `interleaving`."""
    variant: str | None
    """None where the experiment interleaves: the user gets both in one list."""


@dataclass(frozen=True, kw_only=True)
class ExperimentResult:
    """How a variant of an experiment does; the first row is the control."""

    variant: str
    share: float
    """Of all users, 0 to 1, at the moment."""
    users: int | None
    """Users who were shown something; None where the experiment interleaves."""
    exposures: int
    """Items that were shown; users, if they were asked for."""
    successes: int
    rate: float | None
    """Successes / exposures."""
    lift: float | None
    """0.1 is 10 % more than the control."""
    low: float | None
    """Of the interval of the lift at 95 %, however often one looks; None while it is too early."""
    high: float | None
    low_once: float | None
    """Of the interval for one look whose moment was chosen before the start."""
    high_once: float | None
    verdict: str
    """`control`, `better`, `worse`, `no difference shown`, `too early` or `split mismatch`."""
    mismatch: float | None
    """Chance of so uneven a split of the users (sample ratio mismatch): below 0.001 a warning."""
    warnings: list[str]
