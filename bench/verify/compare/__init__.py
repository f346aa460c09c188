"""Compares every row in Postgres with the row that the input must lead to."""

from bench.verify.compare.checks import compare
from bench.verify.compare.findings import Tolerance
from bench.verify.compare.report import Deviation, Figure, Report
from bench.verify.compare.stored import read_prototypes

__all__ = ["Deviation", "Figure", "Report", "Tolerance", "compare", "read_prototypes"]
