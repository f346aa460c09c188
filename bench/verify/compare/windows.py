"""Compares the rows of `user_windows`."""

import numpy as np
from numpy.typing import NDArray

from bench.verify.compare.findings import Findings, Tolerance, Worst
from bench.verify.compare.report import Deviation
from bench.verify.compare.stored import Connection, StoredWindows, read_windows
from bench.verify.recompute import Expected
from bench.verify.recompute.windows import LEAST_WEIGHT


def compare_windows(
    expected: Expected,
    connection: Connection,
    space_id: int,
    tolerance: Tolerance,
    findings: Findings,
) -> tuple[int, list[Deviation]]:
    """Compare all windows of a space; the number of stored rows, and the largest deviations."""
    windows = expected.windows
    found_rows = np.zeros(len(windows.keys), bool)
    directions = _Directions(expected, tolerance)
    weight = Worst("relative weight")
    count = 0
    for stored in read_windows(connection, space_id):
        count += len(stored.keys)
        rows, indices = _matched(expected, stored, found_rows, findings)
        keys = [stored.keys[index] for index in indices]
        weights, slack = windows.weights[rows], windows.slack[rows]
        size = np.maximum(np.abs(weights), LEAST_WEIGHT)
        weight.add(
            keys,
            np.abs(stored.weights[indices] - weights) / size,
            tolerance.weight + slack / size,
        )
        _check_columns(expected, stored, indices, tolerance, findings)
        directions.add(stored, rows, indices)
    _find_missing(expected, found_rows, tolerance, findings)
    return count, [*directions.deviations(), weight.deviation()]


def _check_columns(
    expected: Expected,
    stored: StoredWindows,
    indices: list[int],
    tolerance: Tolerance,
    findings: Findings,
) -> None:
    windows = expected.windows
    for index in indices:
        user_id, kind = stored.keys[index]
        as_of_us = int(windows.as_of_ms[windows.rows[user_id, kind]]) * 1000
        if stored.as_of_us[index] != as_of_us:
            findings.add(
                "windows with another as_of",
                f"user {user_id!r}, {kind}: {as_of_us} us expected, "
                f"{stored.as_of_us[index]} us found",
            )
        if stored.weights[index] < LEAST_WEIGHT * (1 - tolerance.weight):
            findings.add(
                "windows below the least weight",
                f"user {user_id!r}, {kind}: {stored.weights[index]:.2e}",
            )


class _Directions:
    """Compares the vectors of rows; rows whose sum is only rounding error are left out."""

    def __init__(self, expected: Expected, tolerance: Tolerance) -> None:
        self._expected = expected
        self._tolerance = tolerance
        self._component = Worst("vector component")
        self._angle = Worst("1 - cosine")

    def add(self, stored: StoredWindows, rows: NDArray[np.int64], indices: list[int]) -> None:
        """Compare the expected `rows` with the stored rows at `indices`."""
        windows, tolerance = self._expected.windows, self._tolerance
        directed = _directed(self._expected, rows, tolerance)
        indices = [index for index, kept in zip(indices, directed, strict=True) if kept]
        keys = [stored.keys[index] for index in indices]
        rows = rows[directed]
        found = np.array([stored.embeddings[index] for index in indices], np.float64)
        units = windows.units[rows].astype(np.float64)
        found = found.reshape(units.shape)
        agreement = windows.agreement[rows]
        scale = np.maximum(1.0, tolerance.ill_conditioned / agreement)
        loose = windows.slack[rows] / (agreement * windows.weights[rows])
        off = np.abs(found - units).max(axis=1, initial=0.0)
        self._component.add(keys, off, tolerance.component * scale + loose)
        length = np.linalg.norm(found, axis=1) * np.linalg.norm(units, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = 1 - np.einsum("nd,nd->n", found, units) / length
        # 1 - cosine grows with half the square of the angle.
        allowed_angle = np.sqrt(2 * (1 - tolerance.cosine)) * scale + loose
        self._angle.add(keys, np.abs(apart), allowed_angle**2 / 2)

    def deviations(self) -> list[Deviation]:
        """The largest deviation of a component and of an angle."""
        return [self._component.deviation(), self._angle.deviation()]


def _directed(
    expected: Expected, rows: NDArray[np.int64], tolerance: Tolerance
) -> NDArray[np.bool_]:
    """Whether the sum of each of the `rows` is more than rounding error: `(rows,)`."""
    windows = expected.windows
    length = windows.agreement[rows] * windows.weights[rows]
    cancelled = windows.agreement[rows] < tolerance.cancelled
    found: NDArray[np.bool_] = ~cancelled & (length > 4 * windows.slack[rows])
    return found


def _matched(
    expected: Expected,
    stored: StoredWindows,
    found_rows: NDArray[np.bool_],
    findings: Findings,
) -> tuple[NDArray[np.int64], list[int]]:
    """Expected rows and the indices of the stored rows with the same keys and dimension.

    found_rows: (expected rows,), set here for every row that is stored.
    """
    rows, indices = [], []
    dim = expected.windows.units.shape[1]
    for index, key in enumerate(stored.keys):
        if key[0] in expected.undecided:
            continue
        row = expected.windows.rows.get(key)
        if row is None:
            findings.add("windows not expected", f"user {key[0]!r}, {key[1]}")
            continue
        found_rows[row] = True
        found_dim = len(stored.embeddings[index])
        if found_dim == dim:
            rows.append(row)
            indices.append(index)
        else:
            findings.add(
                "windows with another dimension",
                f"user {key[0]!r}, {key[1]}: {dim} expected, {found_dim} found",
            )
    return np.array(rows, np.int64), indices


def _find_missing(
    expected: Expected,
    found_rows: NDArray[np.bool_],
    tolerance: Tolerance,
    findings: Findings,
) -> None:
    windows = expected.windows
    needed = _directed(expected, np.arange(len(windows.keys)), tolerance)
    needed &= windows.weights - windows.slack >= LEAST_WEIGHT
    for row in np.flatnonzero(~found_rows & needed):
        user_id, kind = windows.keys[row]
        if user_id not in expected.undecided:
            findings.add("windows missing", f"user {user_id!r}, {kind}")
