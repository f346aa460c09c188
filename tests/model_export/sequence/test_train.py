"""Training: what order tells is learned, and the same seed gives the same model."""

import numpy as np
import pytest
import torch

from model_export.sequence.graph import item_vectors_of, network_users
from model_export.sequence.judge import judge_blend, questions_since
from model_export.sequence.train import train
from tests.model_export.sequence.planted import blocks, network


def trained(of, **options):
    made = network(of)
    how = train(made, of, **{"epochs": 1, "seed": 0, "minutes": 5, **options})
    return made, how


def test_it_finds_what_pairs_of_items_cannot_tell():
    of = blocks()
    since = int(np.quantile(of.time_ms, 0.8))
    early = of.until(since)
    made, how = trained(early, epochs=40)
    assert not how.cut_off
    questions = questions_since(of, since, 300, 0)
    items = item_vectors_of(made, early).of(of.texts, of.references)
    users = network_users(made, items, questions.histories(8))
    found = judge_blend(questions, early, {"model": (users, items)}, 0)
    # By pairs alone each of the four that may be third is as likely.
    assert found["model"].ndcg > found[""].ndcg + 0.05


def test_the_same_seed_gives_the_same_weights():
    of = blocks(40)
    first, second, other = (
        torch.cat([each.flatten() for each in trained(of, seed=seed)[0].parameters()])
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_time_ends_it_and_is_told():
    _, how = trained(blocks(40), minutes=0.0)
    assert (how.steps, how.cut_off) == (0, True)


def test_items_without_interactions_have_their_text_alone():
    of = blocks(40)
    part = of.until(int(np.quantile(of.time_ms, 0.1)))
    made, _ = trained(part)
    known = item_vectors_of(made, part)
    assert len(known.references) == len(np.unique(part.item)) < len(of.item_ids)
    with torch.no_grad():
        alone = made.items(
            torch.from_numpy(of.texts.astype(np.float32)),
            torch.full((len(of.item_ids),), made.shape.items),
        ).numpy()
    found = known.of(of.texts, of.references)
    new = ~np.isin(np.arange(len(of.item_ids)), part.item)
    np.testing.assert_allclose(found[new], alone[new], atol=1e-5)
    assert np.abs(found[~new] - alone[~new]).max() > 1e-3


def test_nothing_to_learn_from_trains_nothing():
    of = blocks(3)
    _, how = trained(of.until(int(of.time_ms.min()) + 1))
    assert how.steps == 0
    assert how.loss != pytest.approx(0)
