"""Runs the tests of a module twice: by compiled kernels, and by numpy alone."""

from collections.abc import Iterator

import pytest

from jobs.core.kernels.loaded import kernels, numpy_alone


@pytest.fixture(autouse=True, scope="module", params=["kernels", "numpy"])
def arithmetic(request: pytest.FixtureRequest) -> Iterator[None]:
    assert kernels() is not None
    if request.param == "kernels":
        yield
    else:
        with numpy_alone():
            assert kernels() is None
            yield
