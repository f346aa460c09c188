from dataclasses import replace

import pytest
from safetensors.torch import load_file, save_file

from model_export.errors import SourceError
from model_export.source.folder import folder_source
from model_export.source.load import choose_dim, choose_max_tokens, load
from model_export.source.overrides import EncodingOverrides
from tests.model_export.builders import empty_model, tiny_model, write_json
from tests.model_export.families import DECODER, EXAMPLES, of, write_example
from udfs.bundle import Prompts


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


@pytest.mark.parametrize(
    ("stated", "override", "expected"),
    [(256, None, 256), (1024, None, 512), (None, None, 512), (256, 64, 64), (64, 256, 256)],
)
def test_the_longest_input_is_never_more_than_the_models_positions(stated, override, expected):
    assert choose_max_tokens(stated, override, 512) == expected


@pytest.mark.parametrize("override", [0, 513])
def test_a_longest_input_beyond_the_model_is_refused(override):
    with pytest.raises(SourceError, match="takes 1 to 512"):
        choose_max_tokens(None, override, 512)


@pytest.mark.parametrize(
    ("stated", "override", "expected"), [(None, None, 384), (256, None, 256), (256, 128, 128)]
)
def test_the_vectors_length_is_the_override_or_what_the_folder_says(stated, override, expected):
    assert choose_dim(stated, override, 384) == expected


@pytest.mark.parametrize("override", [0, 385])
def test_more_components_than_there_are_cannot_be_kept(override):
    with pytest.raises(SourceError, match="gives 1 to 384"):
        choose_dim(None, override, 384)


def test_pooling_without_the_prompt_is_refused_where_there_is_a_prompt(tmp_path):
    """Also where the prompt is known by the name, and not where an option takes it away."""
    folder = tiny_model(tmp_path / "e5-small")
    pooling = {"pooling_mode_mean_tokens": True, "include_prompt": False}
    write_json(folder / "1_Pooling" / "config.json", pooling)
    with pytest.raises(SourceError, match="tokens of the prompt"):
        load(folder_source(folder))
    none = EncodingOverrides(query_prompt="", document_prompt="")
    assert load(folder_source(folder), none).prompts == Prompts()


def test_a_model_that_brings_its_own_code_is_refused(tmp_path):
    folder = empty_model(tmp_path / "m")
    own = {"model_type": "bert", "auto_map": {"AutoModel": "modeling_own.OwnModel"}}
    write_json(folder / "config.json", own)
    with pytest.raises(SourceError, match="auto_map"):
        load(folder_source(folder))


def test_a_decoder_of_a_family_whose_embedders_see_both_ways_is_refused_by_name(tmp_path):
    folder = empty_model(tmp_path / "m")
    write_json(folder / "config.json", {"model_type": "gemma3_text"})
    with pytest.raises(SourceError, match="decoder of the family gemma3_text"):
        load(folder_source(folder))


def test_a_family_without_positions_takes_the_length_it_was_trained_with(tmp_path):
    folder = write_example(EXAMPLES["t5"], tmp_path / "m")
    (folder / "sentence_bert_config.json").unlink()
    assert load(folder_source(folder)).max_tokens == 512


def test_a_sliding_window_bounds_the_longest_input(tmp_path):
    """A causal mask that reaches all the way back is right only inside the window."""
    example = replace(
        EXAMPLES["mistral"], model=of("Mistral", **DECODER, sliding_window=24), max_tokens=48
    )
    assert load(folder_source(write_example(example, tmp_path / "m"))).max_tokens == 24
