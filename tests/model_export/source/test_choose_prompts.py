"""Which prompts a bundle gets: those of the options, the folder, or the model's name."""

import pytest

from model_export.errors import SourceError
from model_export.source.choose_prompts import choose_prompts
from model_export.source.overrides import EncodingOverrides
from model_export.source.stated_prompts import StatedPrompts, read_prompts
from udfs.bundle import Prompts

NOTHING = EncodingOverrides()
STATED = read_prompts({"prompts": {"search_query": "query: ", "passage": "passage: "}})


def test_a_wished_prompt_goes_first_even_an_empty_one():
    overrides = EncodingOverrides(query_prompt="find: ", document_prompt="")
    chosen = choose_prompts(STATED, "m", overrides)
    assert chosen.prompts == Prompts(query="find: ", document="")
    assert chosen.notes == (
        "query prompt: 'find: ', from --query-prompt",
        "document prompt: none, by --document-prompt",
    )


def test_prompts_of_the_folder_go_before_those_known_by_name():
    chosen = choose_prompts(STATED, "bge-small-en", NOTHING)
    assert chosen.prompts == Prompts(query="query: ", document="passage: ")
    assert chosen.notes == (
        "query prompt: 'query: ', from config_sentence_transformers.json (search_query)",
        "document prompt: 'passage: ', from config_sentence_transformers.json (passage)",
    )


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("intfloat/multilingual-e5-small", Prompts("query: ", "passage: ")),
        ("e5-base-v2", Prompts("query: ", "passage: ")),
        ("bge-small-zh-v1.5", Prompts("为这个句子生成表示以用于检索相关文章：", "")),
        ("BAAI/bge-large-zh", Prompts("为这个句子生成表示以用于检索相关文章：", "")),
    ],
)
def test_prompts_in_prose_only_are_known_by_the_models_name(name, prompts):
    chosen = choose_prompts(StatedPrompts(), name, NOTHING)
    assert chosen.prompts == prompts
    assert all(note.endswith(f"known by the model's name {name}") for note in chosen.notes)


@pytest.mark.parametrize("name", ["my-finetuned-multilingual-e5-small", "gte-small"])
def test_no_prompts_are_said_with_the_options_that_give_some(name):
    chosen = choose_prompts(StatedPrompts(), name, NOTHING)
    assert chosen.prompts == Prompts()
    assert chosen.notes == (
        "query prompt: none, the model's folder states none (--query-prompt gives one)",
        "document prompt: none, the model's folder states none (--document-prompt gives one)",
    )


def test_prompts_whose_names_say_nothing_are_refused_with_the_options_that_decide():
    stated = read_prompts({"prompts": {"s2p": "a: ", "s2q": "b: "}})
    with pytest.raises(SourceError, match=r"s2p, s2q.*--query-prompt and --document-prompt"):
        choose_prompts(stated, "m", NOTHING)
    with pytest.raises(SourceError, match=r"give --document-prompt \("):
        choose_prompts(stated, "m", EncodingOverrides(query_prompt="a: "))
    both = EncodingOverrides(query_prompt="a: ", document_prompt="")
    chosen = choose_prompts(stated, "m", both)
    assert chosen.prompts == Prompts("a: ", "")
    assert chosen.notes[-1].endswith("that are not used: s2p, s2q")


def test_a_default_prompt_of_one_side_is_said_to_be_that():
    settings = {"prompts": {"query": "q: "}, "default_prompt_name": "query"}
    chosen = choose_prompts(read_prompts(settings), "m", NOTHING)
    assert chosen.prompts == Prompts("q: ", "")
    assert "default prompt query, which is one side's" in chosen.notes[-1]


def test_prompts_for_other_tasks_are_named_as_not_used():
    stated = read_prompts({"prompts": {"query": "q: ", "clustering": "c: "}})
    chosen = choose_prompts(stated, "m", NOTHING)
    assert chosen.notes[-1].endswith("that are not used: clustering")
