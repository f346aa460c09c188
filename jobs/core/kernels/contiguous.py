"""Columns of records as kernels take them: in one form, so that each kernel is compiled once."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def contiguous(column: NDArray[Number]) -> NDArray[Number]:
    """The column, copied unless it lies in one piece and on addresses of its type.

    >>> column = np.arange(6).reshape(3, 2)[:, 0]
    >>> contiguous(column).flags.c_contiguous, contiguous(column).tolist()
    (True, [0, 2, 4])
    """
    return np.require(column, requirements=["C", "A"])
