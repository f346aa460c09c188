"""Parts that the benchmarks share: a running job, processes, the machine, figures, progress."""
