"""Judges what waits in the topics that the job reads."""

from collections.abc import Mapping
from dataclasses import replace

from jobs.core.ages import age
from jobs.health.reading import TopicReading
from jobs.health.verdict import Limits, State, Thresholds, Verdict

OF_RETENTION = Limits(0.5, 0.8)
"""How much of a topic's retention the oldest record that waits may have used up."""


def judge_topics(topics: Mapping[str, TopicReading], thresholds: Thresholds) -> list[Verdict]:
    """Return a verdict on each topic: what waits, for how long, and whether it becomes more."""
    return [replace(_topic(each, thresholds), topic=each) for each in topics.values()]


def _topic(topic: TopicReading, thresholds: Thresholds) -> Verdict:
    name = f"the topic {topic.topic}"
    if topic.deleted:
        sentence = (
            f"{_records(topic.deleted)} of {name} were deleted before the job had read them:"
            " give it more retention than your longest outage"
        )
        return Verdict("lag", State.CRITICAL, sentence, topic.waited_s)
    if not topic.unread:
        return Verdict("lag", State.OK, f"every record of {name} is read", 0.0)
    sentence = f"{_records(topic.unread)} of {name} wait"
    if topic.waited_s is None:
        return Verdict("lag", State.OK, f"{sentence}{_trend(topic)}")
    sentence += f", the oldest for {age(topic.waited_s)}{_trend(topic)}"
    state = thresholds.lag_s.judge(topic.waited_s)
    if topic.grows_per_s is not None and topic.grows_per_s < 0:
        # It works through a backlog.
        state = min(state, State.WARNING)
    if topic.retention_s is not None:
        danger = OF_RETENTION.judge(topic.waited_s / topic.retention_s)
        if danger is not State.OK:
            left = max(topic.retention_s - topic.waited_s, 0.0)
            sentence += (
                f"; the topic keeps a record for {age(topic.retention_s)}: the oldest is deleted"
                f" unread in {age(left)}, so give the topic more retention"
            )
        state = max(state, danger)
    return Verdict("lag", state, sentence, topic.waited_s)


def _trend(topic: TopicReading) -> str:
    """What the second look has shown; empty where there was none."""
    grows = topic.grows_per_s
    if grows is None:
        return ""
    if topic.stands:
        return ", and none is read"
    if abs(grows) < 1:
        return ", and they stay as many"
    return f", and they become {'more' if grows > 0 else 'fewer'} by {abs(grows):,.0f} a second"


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"
