"""Expected rows against the rows in Postgres: all of them."""

from bench.verify.compare.checks import Tolerance, compare
from bench.verify.compare.report import Deviation, Figure, Report
from bench.verify.compare.stored import read_prototypes

__all__ = ["Deviation", "Figure", "Report", "Tolerance", "compare", "read_prototypes"]
