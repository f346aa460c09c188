"""Options of Java with which Flink's processes are up sooner.

Most of the processor time of a start is compilation. Java's second compiler (C2) works on what runs
a few thousand times, which for a start is all in vain (docs/performance.md has what it costs).
"""

QUICK_START = "-XX:TieredStopAtLevel=1"
"""Java's quick compiler alone: for processes that handle no records, as clients."""

LATE_OPTIMISATION = (
    "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
    " -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)
"""Ten times Java's defaults: what handles records reaches them within seconds, a start does not."""
