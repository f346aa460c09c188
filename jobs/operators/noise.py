"""Noise of differential privacy, by OpenDP."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.errors import EnvironmentNotReadyError


class LaplaceNoise:
    """Discrete Laplace noise for counts that one user changes by at most `most` in all.

    Adding it makes the counts of a day `epsilon`-differentially private. It is exact: drawn from
    the operating system's random numbers by integer arithmetic, so no floating point gives the
    counts away. Each draw takes some 10 us.

    Raises EnvironmentNotReadyError where OpenDP is not installed.
    """

    def __init__(self, epsilon: float, most: int) -> None:
        try:
            import opendp.prelude as dp  # noqa: PLC0415
        except ImportError as error:
            raise EnvironmentNotReadyError(
                "privacy.epsilon needs OpenDP: pip install 'interestream[privacy]'"
            ) from error
        dp.enable_features("contrib")
        self.scale = most / epsilon
        counts = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
        self._measure = dp.m.make_laplace(*counts, scale=self.scale)
        spent = self._measure.map(most)  # type: ignore[no-untyped-call]
        # OpenDP rounds a budget up, by the last digit.
        assert spent <= epsilon * (1 + 1e-9), (spent, epsilon)

    def __call__(self, counts: Sequence[int]) -> NDArray[np.int64]:
        """The counts `(items,)` with noise of its own on each."""
        return np.array(self._measure(list(counts)) if len(counts) else [], dtype=np.int64)
