from model_export.quantise.candidate_inputs import CandidateInputs
from model_export.quantise.products import products


def test_every_product_that_is_quantised_alone_is_told_of(tiny, tmp_path):
    """With a large model each takes many seconds, so a log must not wait for the last."""
    said: list[str] = []
    inputs = CandidateInputs(tiny.fused, tiny.tuning[:2], tmp_path, on_progress=said.append)
    losses = inputs.losses
    every = products(inputs.lean)
    assert {*losses} == {product.output for product in every}
    told = [line for line in said if line.startswith("quantising product ")]
    assert told == [
        f"quantising product {number} of {len(every)}: {product.name}"
        for number, product in enumerate(every, start=1)
    ]
    assert "reading the tuning texts, batch 2 of 2" in said
