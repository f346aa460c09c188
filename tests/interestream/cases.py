"""Every method of the clients with arguments, and the SQL that a person would write for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from interestream import ItemFilter
from tests.sql.builders import NOON


@dataclass(frozen=True)
class Case:
    """A method call and the same query in SQL."""

    method: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    query: str
    parameters: tuple[Any, ...] = ()
    empty: bool = False
    """Whether nothing answers it."""


VECTOR = [1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25]
DE = ItemFilter(languages=["de"])
EXCLUDING = ItemFilter(
    published_before=NOON + timedelta(minutes=1),
    ranges={"pages": {"min": 1, "below": 3}},
    types=["even", "odd"],
    not_categories=[],
    not_words=["i4"],
    not_attributes={"pages": [0, 7]},
    not_types=["none"],
)
EVERYTHING = ItemFilter(["even"], ["de", "en"], {"pages": 2}, NOON - timedelta(days=30))

CASES = [
    Case("recommend", ("ada",), {}, "recommend('ada')"),
    Case(
        "recommend",
        ("ada", 5),
        {"where": DE, "exclude": ["i1", "i4"], "diversity": 0.5, "space": 1},
        "recommend('ada', 5, p_space => 1, p_diversity => 0.5, p_exclude => '{i1,i4}',"
        " p_filter => interestream.item_filter(p_languages => '{de}'))",
    ),
    Case("recommend", ("somebody new", 3), {}, "recommend('somebody new', 3)"),
    Case(
        "recommend",
        ("ada",),
        {"where": EVERYTHING},
        "recommend('ada', p_filter => interestream.item_filter('{even}', '{de,en}',"
        """ '{"pages": 2}', '2026-01-30T12:00Z'))""",
    ),
    Case(
        "recommend_many",
        (["bob", "ada", "nobody"], 4),
        {"where": DE},
        "recommend_many('{bob,ada,nobody}', 4,"
        " p_filter => interestream.item_filter(p_languages => '{de}'))",
    ),
    Case(
        "recommend",
        ("ada", 6),
        {"quotas": {"odd": 2}},
        """recommend('ada', 6, p_quotas => '{"odd": 2}')""",
    ),
    Case(
        "recommend_many",
        (["bob", "nobody"], 4),
        {"quotas": {"odd": 1, "even": 3}},
        """recommend_many('{bob,nobody}', 4, p_quotas => '{"odd": 1, "even": 3}')""",
    ),
    Case("recommend_many", ([],), {}, "recommend_many('{}')", empty=True),
    Case(
        "recommend_more_like",
        ("i3", "ada", 6),
        {"personal": 0.9, "diversity": 0},
        "recommend_more_like('i3', 'ada', 6, p_diversity => 0, p_personal => 0.9)",
    ),
    Case(
        "similar_items",
        ("i3",),
        {"where": DE},
        "similar_items('i3', p_filter => interestream.item_filter(p_languages => '{de}'))",
    ),
    Case("similar_users", ("ada",), {}, "similar_users('ada')"),
    Case("recommend_users", ("ada", 3), {}, "recommend_users('ada', 3)"),
    Case(
        "recommend_users",
        ("ada",),
        {"exclude_users": ["bob"], "space": 1},
        "recommend_users('ada', p_exclude_users => '{bob}', p_space => 1)",
        empty=True,
    ),
    Case("recommend_topics", ("ada", 2), {"titles": 1}, "recommend_topics('ada', 2, 1, 1)"),
    Case(
        "search_items",
        (VECTOR, 4),
        {"user": "ada", "personal": 0.3, "exclude": ["i0"]},
        "search_items(%s::real[], 4, 'ada', p_personal => 0.3, p_exclude => '{i0}')",
        (VECTOR,),
    ),
    Case(
        "ask_items",
        (VECTOR, 4),
        {
            "refused": [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]],
            "user": "ada",
            "unlike": ["i5"],
            "refused_words": ["Title 3"],
            "absences": ["no {}"],
            "exclude": ["i0"],
            "where": DE,
            "personal": 0.3,
            "refuse": 2.0,
        },
        "ask_items(%s::real[], '{{0,1,0,0,0,0,0,0}}', 4, 'ada',"
        " interestream.item_filter(p_languages => '{de}'), '{i0}', p_unlike => '{i5}',"
        " p_refused_words => '{Title 3}', p_absences => ARRAY['no {}'], p_personal => 0.3,"
        " p_refuse => 2)",
        (VECTOR,),
    ),
    Case("ask_items", (), {"like": ["i3"]}, "ask_items(p_like => '{i3}')"),
    Case("trending", (3,), {"category": "odd"}, "trending(3, 'odd')"),
    Case("user_interests", ("ada",), {"titles": 2}, "user_interests('ada', p_titles => 2)"),
    Case("user_topics", ("ada", 2), {"space": 1}, "user_topics('ada', 2, 1)"),
    Case("user_topics", ("somebody new",), {}, "user_topics('somebody new')", empty=True),
    Case("user_drift", ("ada",), {}, "user_drift('ada')", empty=True),
    Case("sequence_models", (), {"space": 1}, "sequence_models(1)", empty=True),
    Case("user_topic_history", ("ada", 7), {"space": 1}, "user_topic_history('ada', 7, 1)"),
    Case(
        "why_not",
        ("i3",),
        {"where": DE, "exclude": ["i3"]},
        "why_not('i3', p_filter => interestream.item_filter(p_languages => '{de}'),"
        " p_exclude => '{i3}')",
    ),
    Case("trending", (3,), {"half_life": timedelta(days=1)}, "trending(3, p_half_life => '1 day')"),
    Case("job_status", (), {}, "job_status()"),
    Case(
        "recommend",
        ("ada",),
        {"where": EXCLUDING},
        "recommend('ada', p_filter => interestream.item_filter(p_types => '{even,odd}',"
        """ p_ranges => '{"pages": {"min": 1, "below": 3}}', p_not_words => '{"i4"}',"""
        """ p_not_attributes => '{"pages": [0, 7]}', p_published_before => '2026-03-01T12:01Z',"""
        " p_not_categories => '{}', p_not_types => '{none}'))",
    ),
    Case(
        "explain_filter",
        (EVERYTHING,),
        {},
        "explain_filter(interestream.item_filter('{even}', '{de,en}',"
        """ '{"pages": 2}', '2026-01-30T12:00Z'))""",
    ),
    Case("explain_filter", (ItemFilter(),), {}, "explain_filter(NULL)", empty=True),
    Case(
        "no_item_passes",
        (ItemFilter(ranges={"pages": {"above": 4}}),),
        {},
        """no_item_passes(interestream.item_filter(p_ranges => '{"pages": {"above": 4}}'))""",
    ),
    Case("no_item_passes", (DE,), {}, "no_item_passes(interestream.item_filter(NULL, '{de}'))"),
    Case("catalogue_words", (100,), {"values": 20}, "catalogue_words(100, 20)"),
    Case("click_through", (), {"space": 1}, "click_through(1)", empty=True),
    Case("learned", (), {"space": 1}, "learned(1)"),
    Case("previous_space", (), {}, "previous_space()"),
    Case("space_coverage", (1,), {"against": 1}, "space_coverage(1, 1)"),
    Case("user_variant", ("ada",), {}, "user_variant('ada')", empty=True),
    Case("user_variant", ("ada",), {"experiment": "trial"}, "user_variant('ada', 'trial')"),
    Case("experiment_report", (), {}, "experiment_report()"),
    Case(
        "experiment_report",
        ("trial",),
        {"action": "like", "per_user": True},
        "experiment_report('trial', 'like', true)",
    ),
]
