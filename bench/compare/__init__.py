"""Expected rows against the rows in Postgres: all of them."""

from bench.compare.checks import Tolerance, compare
from bench.compare.report import Deviation, Figure, Report
from bench.compare.stored import read_prototypes

__all__ = ["Deviation", "Figure", "Report", "Tolerance", "compare", "read_prototypes"]
