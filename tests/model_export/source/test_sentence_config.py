import pytest

from model_export.errors import SourceError
from model_export.source.sentence_config import (
    SETTINGS_FILE,
    read_pooling,
    read_sentence_config,
)
from model_export.source.stated_prompts import StatedPrompts
from tests.model_export.builders import write_json
from tests.model_export.families import write_modules


@pytest.mark.parametrize(
    ("content", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False}, "mean"),
        ({"pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode_lasttoken": True}, "last"),
        ({"pooling_mode": "lasttoken", "embedding_dimension": 8}, "last"),
        ({"pooling_mode": ["cls"]}, "cls"),
        ({}, None),
    ],
)
def test_pooling_is_read_in_both_forms_of_its_file(tmp_path, content, pooling):
    write_json(tmp_path / "config.json", content)
    assert read_pooling(tmp_path) == pooling


@pytest.mark.parametrize(
    "content",
    [
        {"pooling_mode_max_tokens": True},
        {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
        {"pooling_mode": "max"},
    ],
)
def test_other_poolings_are_refused_by_name(tmp_path, content):
    write_json(tmp_path / "config.json", content)
    with pytest.raises(SourceError, match="max"):
        read_pooling(tmp_path)


def test_a_folder_without_any_configuration_says_nothing(tmp_path):
    config = read_sentence_config(tmp_path)
    assert (config.pooling, config.max_tokens, config.dim) == (None, None, None)
    assert config.prompts == StatedPrompts()
    assert (config.pools_prompt, config.normalises, config.similarity) == (True, False, None)
    assert (config.transformer, config.dense, config.lower_case) == (tmp_path, (), False)


def test_modules_are_found_where_the_list_says(tmp_path):
    write_modules(tmp_path, "Transformer", "Pooling", "Dense", "Dense", "Normalize")
    write_json(tmp_path / "1_Pooling" / "config.json", {"pooling_mode_cls_token": True})
    write_json(tmp_path / SETTINGS_FILE, {"truncate_dim": 128})
    config = read_sentence_config(tmp_path)
    assert (config.pooling, config.dim, config.normalises) == ("cls", 128, True)
    assert [path.name for path in config.dense] == ["2_Dense", "3_Dense"]


@pytest.mark.parametrize(
    "kinds",
    [
        ("Transformer", "Pooling", "LayerNorm"),
        ("Transformer", "Pooling", "Normalize", "Dense"),
        ("Transformer", "Dense", "Pooling"),
        ("StaticEmbedding",),
    ],
)
def test_modules_the_graph_would_not_have_are_refused_by_name(tmp_path, kinds):
    write_modules(tmp_path, *kinds)
    with pytest.raises(SourceError, match=", ".join(kinds)):
        read_sentence_config(tmp_path)


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / SETTINGS_FILE).write_text(content)
    with pytest.raises(SourceError, match=SETTINGS_FILE):
        read_sentence_config(tmp_path)
