"""After the warm-up no batch waits for the compiler."""

from dataclasses import fields

from jobs.config import Interest
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.warm_up import warm_up
from jobs.core.kernels.loaded import kernels, numpy_alone
from jobs.neighbor_settings import Neighbors
from tests.builders import DAY_MS, ITEMS, NOON_MS, catalogue_of
from tests.jobs.core.interest.fold_builders import LIKE, Happening, Users, like

SETTINGS = FoldSettings.of(Interest(last_n=8), 4, Neighbors(window=5))


def compiled_forms() -> dict[str, int]:
    found = kernels()
    assert found is not None
    return {each.name: len(getattr(found, each.name).signatures) for each in fields(found)}


def test_a_batch_of_every_kind_of_event_finds_all_kernels_compiled() -> None:
    assert warm_up(SETTINGS)
    forms = compiled_forms()
    assert min(forms.values()) >= 1
    Users(1, catalogue_of(ITEMS), SETTINGS).batch(like(1), like(2, "north"))
    users = Users(2, catalogue_of(ITEMS), SETTINGS)
    users.batch(like(3), like(1, "north"), Happening(1, NOON_MS, 9, 2.0, text="east"))
    users.batch(
        Happening(0, NOON_MS + DAY_MS, 20, 0.0, "east", undo_bit=LIKE, undoes=True),
        Happening(1, NOON_MS, 21, 1.0, "up", "red shoes", comment=True),
        Happening(1, NOON_MS, 22, -1.0, "up"),
    )
    assert compiled_forms() == forms


def test_without_kernels_there_is_nothing_to_warm_up() -> None:
    with numpy_alone():
        assert not warm_up(SETTINGS)
