import json
from dataclasses import replace
from io import StringIO

from rich.console import Console

from model_export.search.gate import Gate
from model_export.search.plot import as_png
from model_export.search.report import as_json, as_markdown, as_table
from tests.model_export.search.builders import GOOD, search_result, speed

BAD = replace(GOOD, name="bad", mean_cosine=0.9, speed=speed(3.0))


def printed(outcome):
    console = Console(width=250, record=True, file=StringIO())
    console.print(as_table(outcome))
    return console.export_text()


def test_the_table_names_the_choice_and_what_the_others_fell_short_of():
    lines = printed(search_result(GOOD, BAD, int4="NotImplemented: no kernel")).splitlines()
    (good,) = [line for line in lines if " good " in line]
    (bad,) = [line for line in lines if " bad " in line]
    (failed,) = [line for line in lines if " int4 " in line]
    assert "chosen" in good
    assert "2.50x" in good
    assert "mean cosine" in bad
    assert "no kernel" in failed
    assert lines.index(bad) < lines.index(good)  # the fastest first


def test_the_page_says_what_was_chosen_where_and_by_which_gate():
    page = as_markdown(search_result(GOOD, BAD, gate=Gate(min_overlap=0.9)))
    assert page.startswith("# Which graph was chosen, and why\n\n**good**: 2.50 times as fast")
    assert "A processor (avx2, avx512_vnni)" in page
    assert "`min_overlap` 0.9" in page
    assert "| mean cosine 0.9, at least 0.995 |" in page
    assert "| 8 | 2.50x, 250/s | 2.50x, 500/s |" in page


def test_the_json_holds_every_figure():
    content = json.loads(as_json(search_result(GOOD, BAD)))
    assert content["chosen"] == "good"
    by_name = {one["name"]: one for one in content["measured"]}
    assert by_name["bad"]["shortfalls"] == ["mean cosine 0.9, at least 0.995"]
    assert by_name["good"]["overlap"] == 0.96
    assert by_name["good"]["speed"]["cells"][0] == {
        "tokens": 8,
        "batch": 1,
        "speedup": 2.5,
        "texts_per_s": 250,
    }


def test_the_picture_is_a_png():
    assert as_png(search_result(GOOD, BAD)).startswith(b"\x89PNG\r\n")
