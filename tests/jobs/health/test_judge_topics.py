"""The judgement of what waits in topics, at named ages."""

from dataclasses import replace

import pytest

from jobs.health.judge import judge_progress
from jobs.health.judge_topics import judge_topics
from jobs.health.reading import Reading, StreamReading, TopicReading
from jobs.health.verdict import State, Thresholds, Verdict

DAY = 86_400.0
READ = TopicReading("shop.events", unread=0, end=500)
WAITS = replace(READ, unread=12, waited_s=4.0)


def judged(topic: TopicReading) -> Verdict:
    (verdict,) = judge_topics({"events": topic}, Thresholds())
    assert (verdict.check, verdict.topic) == ("lag", topic)
    return verdict


def test_a_topic_that_is_read_is_ok() -> None:
    verdict = judged(READ)
    assert (verdict.state, verdict.value) == (State.OK, 0.0)
    assert verdict.sentence == "every record of the topic shop.events is read"


@pytest.mark.parametrize(
    ("waited_s", "state"),
    [(29.0, State.OK), (30.0, State.WARNING), (119.0, State.WARNING), (120.0, State.CRITICAL)],
)
def test_the_oldest_record_that_waits_is_judged_as_the_oldest_file_is(
    waited_s: float, state: State
) -> None:
    verdict = judged(replace(WAITS, waited_s=waited_s))
    assert (verdict.state, verdict.value) == (state, waited_s)
    assert verdict.sentence.startswith("12 records of the topic shop.events wait, the oldest for ")


@pytest.mark.parametrize(
    ("grows", "stands", "words", "state"),
    [
        (None, False, "the oldest for 10 min", State.CRITICAL),
        (300.0, True, "the oldest for 10 min, and none is read", State.CRITICAL),
        (300.4, False, "and they become more by 300 a second", State.CRITICAL),
        (0.4, False, "and they stay as many", State.CRITICAL),
        (-80.0, False, "and they become fewer by 80 a second", State.WARNING),
    ],
)
def test_two_looks_tell_a_job_that_stands_from_one_that_catches_up(
    grows: float | None, stands: bool, words: str, state: State
) -> None:
    verdict = judged(replace(WAITS, waited_s=600.0, grows_per_s=grows, stands=stands))
    assert verdict.sentence.endswith(words)
    assert verdict.state is state


@pytest.mark.parametrize(
    ("waited_d", "state", "left"),
    [(3.5, State.WARNING, "4 d"), (6.0, State.CRITICAL, "24 h"), (8.0, State.CRITICAL, "0 s")],
)
def test_records_that_the_topic_will_soon_delete_are_a_danger_even_while_they_become_fewer(
    waited_d: float, state: State, left: str
) -> None:
    topic = replace(WAITS, waited_s=waited_d * DAY, retention_s=7 * DAY, grows_per_s=-5.0)
    verdict = judged(topic)
    assert verdict.state is state
    assert verdict.sentence.endswith(
        f"; the topic keeps a record for 7 d: the oldest is deleted unread in {left}, so give the"
        " topic more retention"
    )


def test_records_that_were_deleted_unread_are_critical() -> None:
    verdict = judged(replace(READ, deleted=1))
    assert verdict.state is State.CRITICAL
    assert verdict.sentence.startswith("1 record of the topic shop.events were deleted before")


def test_what_flink_knows_alone_is_said_and_not_judged() -> None:
    verdict = judged(replace(READ, unread=1_204))
    assert (verdict.state, verdict.value) == (State.OK, None)
    assert verdict.sentence == "1,204 records of the topic shop.events wait"


def progress(*topics: TopicReading, commit_age_s: float) -> Verdict:
    streams = {"events": StreamReading(1_000, 0, 0, commit_age_s)}
    given = {str(n): topic for n, topic in enumerate(topics)}
    verdicts = judge_progress(Reading(1, streams, topics=given), Thresholds())
    (commit,) = (verdict for verdict in verdicts if verdict.check == "commit")
    return commit


def test_an_old_commit_is_ok_where_no_record_waits_and_critical_where_one_has_waited() -> None:
    idle = progress(READ, commit_age_s=5 * 3600.0)
    assert idle.state is State.OK
    assert idle.sentence == "the newest commit to space 1 is 5 h old, and no record waits"
    stuck = progress(READ, replace(WAITS, waited_s=400.0), commit_age_s=3600.0)
    assert stuck.state is State.CRITICAL
    assert stuck.sentence.endswith("and a record has waited for 7 min")
    busy = progress(replace(WAITS, waited_s=400.0), commit_age_s=1.0)
    assert busy.state is State.OK


def test_where_the_age_is_not_known_the_commit_decides() -> None:
    assert progress(replace(READ, unread=3), commit_age_s=100.0).state is State.WARNING
