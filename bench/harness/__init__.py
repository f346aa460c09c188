"""What the benchmarks share: the job under test, processes, the machine, figures and progress."""
