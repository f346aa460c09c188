"""The search from end to end on a small model."""

from dataclasses import replace

import pytest
from tokenizers import Tokenizer

from model_export.errors import SearchError
from model_export.quantise.candidates import CANDIDATES
from model_export.quantise.library import dynamic_int8
from model_export.quantise.plain_session import plain_session
from model_export.search import search as module
from model_export.search.footprint import measure_footprint
from model_export.search.gate import Gate
from model_export.search.invariance import measure_invariance
from model_export.search.judge import Effort
from model_export.search.processor import Processor
from model_export.search.search import Options, chosen_candidates, search
from model_export.search.speed import compare_speed
from tests.udfs.builders import manifest
from udfs.bundle import read_manifest
from udfs.encoder import Encoder

SMALL = Effort(turns=1, workload_texts=20, company_texts=10, cells=False)
VNNI = Processor("one", ("avx2", "avx512_vnni"))


@pytest.fixture
def described(tiny):
    return replace(manifest({}), dim=32, max_tokens=32)


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr(module, "QUICK_EFFORT", SMALL)
    return {"quick": True, "tuning_texts": 80, "judging_texts": 120}


def test_the_search_publishes_a_quantised_graph_that_is_inside_the_gate(
    tiny,
    described,
    tmp_path,
    quickly,
):
    # So small a model spends its time outside of products, and its few layers dampen what the
    # company of a text does to it.
    options = Options(
        **quickly,
        only=("int8-static", "int8-dynamic"),
        gate=Gate(min_speedup=0, min_overlap=0.8, min_batch_cosine=0.99999),
    )
    steps = []
    result = search(
        tiny.fused,
        described,
        tiny.tokenizer_file,
        tmp_path,
        options,
        lambda what, share: steps.append((what, share)),
    )
    assert [one.name for one in result.measured] == ["fp32-fused", "int8-dynamic", "int8-static"]
    assert result.failed == {}
    assert result.choice.name == "int8-static"
    assert any("in company" in text for text in result.choice.shortfalls["int8-dynamic"])
    encoder = Encoder(
        described, plain_session(result.graph), Tokenizer.from_file(str(tiny.tokenizer_file))
    )
    assert encoder.encode(["tea"], "document").shape == (1, 32)
    assert steps[-1] == ("choosing", 1.0)
    assert [share for _, share in steps] == sorted(share for _, share in steps)


def test_a_candidate_that_cannot_be_made_is_told_and_does_not_end_the_search(
    tiny,
    described,
    tmp_path,
    quickly,
    monkeypatch,
):
    def fail(inputs, path):
        raise RuntimeError("no kernel for this")

    broken = replace(CANDIDATES["int4-blocks"], make=fail)
    monkeypatch.setattr(module, "CANDIDATES", {**CANDIDATES, "int4-blocks": broken})
    options = Options(**quickly, only=("int4-blocks",))
    result = search(tiny.fused, described, tiny.tokenizer_file, tmp_path, options)
    assert result.failed == {"int4-blocks": "RuntimeError: no kernel for this"}
    assert result.choice.name == "fp32-fused"


def test_a_name_that_is_no_candidates_is_refused_with_those_that_are():
    with pytest.raises(SearchError, match="called int9; there are fp32-fused, "):
        chosen_candidates(Options(only=("int9",)), VNNI)


def test_seven_bits_are_for_processors_without_vnni():
    names = {one.name for one in chosen_candidates(Options(), VNNI)}
    assert "int7-static" not in names
    old = Processor("one", ("avx2",))
    assert {one.name for one in chosen_candidates(Options(), old)} == names | {"int7-static"}
    assert "int7-static" in {
        one.name for one in chosen_candidates(Options(only=("int7-static",)), VNNI)
    }


def test_the_reference_always_comes_first():
    for options in (Options(), Options(quick=True), Options(only=("fp16",))):
        assert chosen_candidates(options, VNNI)[0].name == "fp32-fused"


def test_company_is_what_dynamic_quantisation_fails_by(bundle_dir, tmp_path):
    texts = ["tea", "war", "!", "a house by the river", "the end of the world"]
    dynamic_int8(bundle_dir / "model.onnx", tmp_path / "dynamic.onnx", per_channel=True)
    found = {}
    for path in (bundle_dir / "model.onnx", tmp_path / "dynamic.onnx"):
        found[path.stem] = measure_invariance(
            read_manifest(bundle_dir),
            plain_session(path, threads=1),
            Tokenizer.from_file(str(bundle_dir / "tokenizer.json")),
            texts,
        )
    assert found["dynamic"].worst < 0.9999
    assert found["dynamic"].identical_in_runtime < 1
    assert found["model"].worst >= 0.999999
    assert found["model"].identical_in_runtime == 1


def test_a_graph_is_as_fast_as_itself_and_slower_than_half_of_it(tiny):
    one, two = (plain_session(tiny.fused, threads=1) for _ in range(2))
    speed = compare_speed(one, two, tiny.judging * 5, turns=5, lengths=(8, 32))
    assert 0.5 < speed.speedup < 2
    assert speed.texts_per_s > 0
    assert {(cell.tokens, cell.batch) for cell in speed.cells} >= {(8, 1), (32, 32)}


def test_the_footprint_is_that_of_a_fresh_process(tiny):
    footprint = measure_footprint(tiny.fused)
    assert 0 < footprint.load_s < 20
    assert 1 < footprint.memory_mb < 500


def test_a_graph_that_cannot_be_loaded_says_so(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"broken")
    with pytest.raises(SearchError, match=r"model\.onnx failed"):
        measure_footprint(tmp_path / "model.onnx")
