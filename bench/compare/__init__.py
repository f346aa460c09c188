"""Expected rows against the rows in Postgres: all of them."""

from bench.compare.checks import Tolerance, compare
from bench.compare.report import Deviation, Figure, Report

__all__ = ["Deviation", "Figure", "Report", "Tolerance", "compare"]
