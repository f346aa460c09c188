import pytest
from safetensors.torch import load_file, save_file

from model_export.errors import SourceError
from model_export.load import load, read_max_tokens, read_pooling, read_prompts
from model_export.source import folder_source
from tests.model_export.builders import empty_model, tiny_model, write_json
from udfs.bundle import Prompts


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "1_Pooling").mkdir()
    return tmp_path


@pytest.mark.parametrize(("mode", "pooling"), [("mean_tokens", "mean"), ("cls_token", "cls")])
def test_pooling_is_read_from_the_folder(folder, mode, pooling):
    modes = {"pooling_mode_max_tokens": False, f"pooling_mode_{mode}": True}
    write_json(folder / "1_Pooling" / "config.json", modes)
    assert read_pooling(folder) == pooling


def test_a_folder_that_does_not_say_is_pooled_by_the_mean(folder):
    assert read_pooling(folder) == "mean"


@pytest.mark.parametrize("modes", [["max_tokens"], ["mean_tokens", "cls_token"]])
def test_other_poolings_are_refused_by_name(folder, modes):
    write_json(folder / "1_Pooling" / "config.json", {f"pooling_mode_{m}": True for m in modes})
    with pytest.raises(SourceError, match=modes[0]):
        read_pooling(folder)


@pytest.mark.parametrize("key", ["document", "passage"])
def test_prompts_are_read_from_the_folder(folder, key):
    prompts = {"query": "query: ", key: "passage: "}
    write_json(folder / "config_sentence_transformers.json", {"prompts": prompts})
    assert read_prompts(folder) == Prompts(query="query: ", document="passage: ")


def test_a_folder_without_prompts_has_empty_ones(folder):
    assert read_prompts(folder) == Prompts()


@pytest.mark.parametrize(("stated", "expected"), [(256, 256), (1024, 512), (None, 512)])
def test_the_longest_input_is_never_more_than_the_models_positions(folder, stated, expected):
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": stated})
    assert read_max_tokens(folder, 512) == expected


def test_another_architecture_is_refused_by_name(tmp_path):
    folder = empty_model(tmp_path / "m")
    write_json(folder / "config.json", {"model_type": "mystery"})
    with pytest.raises(SourceError, match="'mystery'"):
        load(folder_source(folder))


def test_weights_that_are_not_all_there_are_refused(tmp_path):
    folder = tiny_model(tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(SourceError, match=r"miss encoder\.layer\.1\.output\.dense\.weight"):
        load(folder_source(folder))


def test_broken_weights_are_refused(tmp_path):
    folder = tiny_model(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(SourceError, match="cannot load"):
        load(folder_source(folder))
