"""The recipes from a teacher's folder to a student's bundle."""

from pathlib import Path

import numpy as np
import pytest

from model_export.build import make_bundle
from model_export.distil.training_texts import prepare_training_texts
from model_export.errors import ParityError
from model_export.recipes.tuning import Tuning
from model_export.source.folder import folder_source
from tests.model_export.builders import tiny_model
from udfs.bundle import verify
from udfs.encoder import Encoder

ANY = (
    "min_mean_cosine = -1\nmin_cosine = -1\nmin_overlap = 0\nmin_speedup = 0\nmax_size_share = 9\n"
)


def make(work: Path, recipe: str, gate: str, **options: object) -> Path:
    (work / "gate.toml").write_text(gate)
    source = folder_source(tiny_model(work / "teacher"))
    (work / "out").mkdir()
    tuning = Tuning(gate=work / "gate.toml", quick=True, steps=12, layers=1, **options)  # type: ignore[arg-type]
    return make_bundle(source, work / "out", "student", lambda _: "1", recipe=recipe, tuning=tuning)


@pytest.mark.parametrize(
    ("recipe", "named"),
    [("distilled-layers", "distilled-layers1-"), ("distilled-tokens", "distilled-tokens")],
)
def test_a_student_inside_its_gate_becomes_a_bundle_with_a_report(tmp_path, recipe, named):
    bundle = make(tmp_path, recipe, ANY)
    manifest = verify(bundle)
    assert manifest.recipe.startswith(named)
    assert {"report.json", "report.md", "report.png"} <= manifest.files.keys()
    assert "the teacher" in (bundle / "report.md").read_text().lower()
    vectors = Encoder.open(bundle, provider="cpu", threads=1).encode(["tea", "a train"], "document")
    assert vectors.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_student_that_falls_short_is_not_published_and_says_of_what(tmp_path):
    with pytest.raises(ParityError, match=r"tokens: .*speed-up .*, at least 1e\+09"):
        make(tmp_path, "distilled-tokens", "min_speedup = 1e9\nmin_cosine = -1\n")


def test_what_a_student_is_judged_by_it_has_not_learned_from():
    class Teacher:
        def encode(self, texts, kind):
            return np.zeros((len(texts), 2), np.float32)

    catalogue = [f"item {n}" for n in range(50)] * 2
    training = prepare_training_texts(Teacher(), catalogue, generated=60, seed=0)  # type: ignore[arg-type]
    judging = [text for texts in training.judging.values() for text in texts]
    assert not {*judging} & {*training.texts}
    assert len(training.judging["catalogue"]) == 10
    assert len(training.targets) == len(training.texts)
