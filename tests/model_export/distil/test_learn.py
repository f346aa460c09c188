import numpy as np
import pytest
import torch

from model_export.distil.learn import learn
from model_export.distil.token_table import TokenTable, TokenTableModule, table_graph
from model_export.quantise.plain_session import plain_session

RNG = np.random.default_rng(6)
IDS = [RNG.integers(0, 40, RNG.integers(1, 9)).tolist() for _ in range(200)]


def table(seed):
    rng = np.random.default_rng(seed)
    return TokenTable(
        rng.normal(size=(4000, 32)).astype(np.float32),
        rng.normal(size=(32, 12)).astype(np.float32),
        rng.normal(size=12).astype(np.float32),
    )


def vectors(student):
    """The student's definition, text by text."""
    rows = np.stack(
        [student.table[ids].mean(axis=0) @ student.matrix + student.offset for ids in IDS]
    )
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


TARGETS = vectors(table(1)).astype(np.float32)


def taught(steps, max_cpu_s=60.0):
    module = TokenTableModule(table(2))
    optimisers = [
        torch.optim.SparseAdam([module.table.weight], lr=0.05),
        torch.optim.Adam([module.matrix, module.offset], lr=0.05),
    ]
    learned = learn(
        module,
        optimisers,
        IDS,
        TARGETS,
        pad_token_id=0,
        steps=steps,
        seed=3,
        max_cpu_s=max_cpu_s,
    )
    return learned, module.learned()


def test_a_student_comes_near_its_teacher():
    before = np.mean(np.sum(vectors(table(2)) * TARGETS, axis=1))
    learned, student = taught(150)
    after = np.mean(np.sum(vectors(student) * TARGETS, axis=1))
    assert before < 0.3
    assert after > 0.9
    assert learned.steps == 150
    assert not learned.cut_off
    assert learned.last_loss < 0.2 * learned.first_loss


def test_the_same_seed_gives_the_same_student():
    (_, one), (_, two) = taught(20), taught(20)
    np.testing.assert_array_equal(one.table, two.table)
    np.testing.assert_array_equal(one.matrix, two.matrix)


def test_learning_ends_with_its_processor_time_and_says_so():
    learned, _ = taught(10_000, max_cpu_s=0.2)
    assert learned.cut_off
    assert 0 < learned.steps < 10_000


def test_no_steps_leave_the_student_as_it_began():
    learned, student = taught(0)
    assert (learned.steps, learned.cut_off) == (0, False)
    np.testing.assert_array_equal(student.table, table(2).table)


def test_the_graph_of_a_table_gives_its_vectors_alone_and_padded(tmp_path):
    session = plain_session(table_graph(table(1)).write(tmp_path / "table.onnx"), threads=1)
    for ids, expected in zip(IDS[:20], TARGETS, strict=False):
        padded = np.array([[*ids, 0, 0]], np.int64)
        mask = np.array([[1] * len(ids) + [0, 0]], np.int64)
        got = session.run(None, {"input_ids": padded, "attention_mask": mask})[0][0]
        assert float(got @ expected) > 0.9995  # the graph's table is int8
        assert np.linalg.norm(got) == pytest.approx(1, abs=1e-5)
