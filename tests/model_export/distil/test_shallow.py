import pytest
import torch

from model_export.distil.shallow import kept_layers, shallow
from model_export.errors import DistilError
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.builders import tiny_model


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return load(folder_source(tiny_model(tmp_path_factory.mktemp("m"))))


@pytest.mark.parametrize(
    ("layers", "kept", "expected"), [(6, 3, [0, 2, 5]), (12, 4, [0, 3, 7, 11]), (6, 1, [0])]
)
def test_layers_are_spread_from_the_first_to_the_last(layers, kept, expected):
    assert kept_layers(layers, kept) == expected


@pytest.mark.parametrize("kept", [0, 2, 5])
def test_a_student_has_fewer_layers_than_its_teacher(teacher, kept):
    with pytest.raises(DistilError, match="the teacher has 2 layers"):
        shallow(teacher, kept)


def test_a_student_begins_with_the_teachers_layers_and_leaves_the_teacher_alone(teacher):
    student = shallow(teacher, 1)
    assert student.transformer.config.num_hidden_layers == 1
    (layer,) = student.transformer.encoder.layer
    first = teacher.transformer.encoder.layer[0]
    assert torch.equal(layer.output.dense.weight, first.output.dense.weight)
    with torch.no_grad():
        layer.output.dense.weight.zero_()
    assert first.output.dense.weight.abs().sum() > 0
    assert len(teacher.transformer.encoder.layer) == 2
