"""Which likes of a batch become questions, and the time they may take."""

import numpy as np

from jobs.core.interest.user_item_rows import UserItemRows
from jobs.core.learning.sampling import Question, TimeBudget, sample_questions


def rows(*events: tuple[str, str, int, float]) -> UserItemRows:
    """Rows of (user, item, first time, signal)."""
    users, items, times, signals = (list(column) for column in zip(*events, strict=True))
    first = np.array(times, dtype=np.int64)
    count = np.zeros(len(events), dtype=np.int64)
    return UserItemRows(users, items, count, first, first, np.array(signals), first, count)


def everybody(given):
    return sample_questions(given, 1.0, np.random.default_rng(0))


def test_a_user_is_asked_about_the_first_like_of_the_batch():
    given = rows(("ann", "b", 7, 1.0), ("ann", "a", 5, 2.0), ("bob", "c", 9, 1.0))
    assert everybody(given) == [Question("ann", "a", 5), Question("bob", "c", 9)]


def test_a_question_says_where_a_recommendation_had_shown_its_item():
    given = rows(("ann", "b", 7, 1.0), ("bob", "c", 9, 1.0))
    places = {("ann", "b"): 4, ("ann", "c"): 2, ("cyd", "c"): 1}
    asked = sample_questions(given, 1.0, np.random.default_rng(0), places)
    assert [question.place for question in asked] == [4, 0]


def test_dislikes_undone_likes_and_impressions_are_no_questions():
    given = rows(("ann", "a", 5, -1.0), ("bob", "b", 5, 0.0), ("cyd", "c", 5, np.nan))
    assert everybody(given) == []


def test_about_the_share_is_drawn():
    given = rows(*[(f"u{number}", "a", 5, 1.0) for number in range(4_000)])
    drawn = sample_questions(given, 0.1, np.random.default_rng(3))
    # Five standard deviations of a binomial of 4,000 and 0.1.
    assert abs(len(drawn) - 400) < 95
    assert len({question.user_id for question in drawn}) == len(drawn)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_work_gets_its_share_of_the_time_that_passes():
    clock = Clock()
    budget = TimeBudget(0.1, clock, keep_s=0.05)
    done_s = 0.0
    for _ in range(1_000):
        clock.now_s += 0.1
        if budget.allows():
            budget.spent(0.03)
            done_s += 0.03
    assert 9.0 < done_s < 11.0


def test_time_that_was_not_used_is_not_kept_for_long():
    clock = Clock()
    budget = TimeBudget(0.5, clock, keep_s=0.05)
    clock.now_s += 3_600
    assert budget.allows()
    budget.spent(0.06)
    assert not budget.allows()


def test_a_share_of_all_time_never_ends():
    budget = TimeBudget(1.0, Clock())
    budget.spent(1e6)
    assert budget.allows()
