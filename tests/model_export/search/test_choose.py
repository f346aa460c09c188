from dataclasses import replace

import pytest

from model_export.errors import ParityError
from model_export.search.choose import choose, pareto, require_inside
from model_export.search.gate import Gate
from tests.model_export.search.builders import GOOD, REFERENCE, speed

FASTER_BUT_WORSE = replace(GOOD, name="worse", speed=speed(4.0), overlap_by_kind={"generated": 0.8})


def test_the_fastest_inside_the_gate_is_chosen():
    slower = replace(GOOD, name="slower", speed=speed(1.5), overlap_by_kind={"generated": 0.99})
    choice = choose(REFERENCE, [slower, GOOD, FASTER_BUT_WORSE], Gate())
    assert choice.name == "good"
    assert choice.shortfalls["worse"] == ["top-10 overlap 0.8, at least 0.95"]
    assert choice.shortfalls["slower"] == []


def test_among_equally_fast_ones_the_truer_is_chosen():
    truer = replace(GOOD, name="truer", speed=speed(2.46), overlap_by_kind={"generated": 0.98})
    assert choose(REFERENCE, [GOOD, truer], Gate()).name == "truer"


def test_nothing_slower_than_float32_is_published():
    slow = replace(GOOD, speed=speed(0.95))
    choice = choose(REFERENCE, [slow], Gate())
    assert choice.name == "fp32-fused"
    assert choice.reason == "no candidate is inside the gate"
    require_inside(choice)


def test_the_reference_is_as_fast_as_itself_whatever_the_clock_said():
    require_inside(choose(replace(REFERENCE, speed=speed(0.97)), [], Gate()))


def test_a_gate_that_nothing_holds_tells_by_how_much():
    choice = choose(REFERENCE, [GOOD, FASTER_BUT_WORSE], Gate(min_speedup=3, max_size_share=0.3))
    with pytest.raises(ParityError) as failure:
        require_inside(choice)
    assert str(failure.value).splitlines() == [
        "no graph is inside the gate:",
        "  fp32-fused: speed-up 1, at least 3; size 1, at most 0.3",
        "  good: speed-up 2.5, at least 3",
        "  worse: top-10 overlap 0.8, at least 0.95",
    ]


def test_the_front_holds_what_none_beats_in_both():
    beaten = replace(GOOD, name="beaten", speed=speed(2.0))
    assert pareto([REFERENCE, GOOD, FASTER_BUT_WORSE, beaten]) == {"fp32-fused", "good", "worse"}
