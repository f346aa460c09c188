from dataclasses import replace

from model_export.search.choose import choose, pareto
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


def test_the_front_holds_what_none_beats_in_both():
    beaten = replace(GOOD, name="beaten", speed=speed(2.0))
    assert pareto([REFERENCE, GOOD, FASTER_BUT_WORSE, beaten]) == {"fp32-fused", "good", "worse"}
